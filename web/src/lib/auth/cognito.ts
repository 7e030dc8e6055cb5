import { platform } from "@/config/platform";
import { ApiFailure } from "@/lib/api/failure";
import type { Tokens } from "./session";
import { handshake } from "./srp";

/** The user pool's own API, spoken by plain fetch: no library of several hundred kilobytes for six calls. */
export interface Challenge {
  name: "NEW_PASSWORD_REQUIRED" | "SOFTWARE_TOKEN_MFA";
  session: string;
  username: string;
}
export type Outcome = { done: Tokens } | { challenge: Challenge };

/** What the pool refused, by the name of its exception: `NotAuthorizedException`. */
export class PoolRefusal extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.name = "PoolRefusal";
    this.kind = kind;
  }
}

interface AuthAnswer {
  AuthenticationResult?: { IdToken: string; AccessToken?: string; RefreshToken?: string; ExpiresIn: number };
  ChallengeName?: string;
  Session?: string;
  ChallengeParameters?: Record<string, string>;
}

interface Refused {
  __type?: string;
  message?: string;
  Message?: string;
}

/** The password is proven to the pool and not sent. */
export async function signIn(username: string, password: string): Promise<Outcome> {
  const { clientId, userPoolId } = await platform();
  const { publicNumber, proof } = handshake();
  const begun = await poolCall<AuthAnswer>("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: clientId,
    AuthParameters: { USERNAME: username, SRP_A: publicNumber },
  });
  if (begun.ChallengeName !== "PASSWORD_VERIFIER") return outcome(begun, username);
  const { USER_ID_FOR_SRP: userId = username, SALT: salt = "0", SRP_B: theirs = "0", SECRET_BLOCK: secretBlock = "" } = begun.ChallengeParameters ?? {};
  const answer = await poolCall<AuthAnswer>("RespondToAuthChallenge", {
    ClientId: clientId,
    ChallengeName: "PASSWORD_VERIFIER",
    Session: begun.Session,
    ChallengeResponses: await proof(userPoolId, password, { userId, salt, publicNumber: theirs, secretBlock }, new Date()),
  });
  return outcome(answer, userId);
}

/** Answer a challenge with the new password or the code of the authenticator. */
export async function answerChallenge(challenge: Challenge, answered: string): Promise<Outcome> {
  const { clientId } = await platform();
  const name = challenge.name === "NEW_PASSWORD_REQUIRED" ? "NEW_PASSWORD" : "SOFTWARE_TOKEN_MFA_CODE";
  const answer = await poolCall<AuthAnswer>("RespondToAuthChallenge", {
    ClientId: clientId,
    ChallengeName: challenge.name,
    Session: challenge.session,
    ChallengeResponses: { USERNAME: challenge.username, [name]: answered },
  });
  return outcome(answer, challenge.username);
}

export async function askForReset(username: string): Promise<void> {
  const { clientId } = await platform();
  await poolCall("ForgotPassword", { ClientId: clientId, Username: username });
}

export async function reset(username: string, code: string, password: string): Promise<void> {
  const { clientId } = await platform();
  await poolCall("ConfirmForgotPassword", {
    ClientId: clientId,
    Username: username,
    ConfirmationCode: code,
    Password: password,
  });
}

/** Fresh tokens for a refresh token; null when it is not valid any more. */
export async function refresh(refreshToken: string): Promise<Tokens | null> {
  const { clientId } = await platform();
  try {
    const answer = await poolCall<AuthAnswer>("InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: clientId,
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    const result = outcome(answer, "");
    return "done" in result ? result.done : null;
  } catch (error) {
    if (error instanceof PoolRefusal) return null;
    throw error;
  }
}

function outcome(answer: AuthAnswer, username: string): Outcome {
  const result = answer.AuthenticationResult;
  if (result) {
    const expiresAt = Math.floor(Date.now() / 1000) + result.ExpiresIn;
    return { done: { idToken: result.IdToken, accessToken: result.AccessToken ?? null, refreshToken: result.RefreshToken ?? null, expiresAt } };
  }
  const name = answer.ChallengeName;
  if (name !== "NEW_PASSWORD_REQUIRED" && name !== "SOFTWARE_TOKEN_MFA") {
    throw new PoolRefusal("UnknownChallenge", `This sign-in asks for ${name ?? "something unknown"}, which this page cannot do.`);
  }
  const who = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username;
  return { challenge: { name, session: answer.Session ?? "", username: who } };
}

export async function poolCall<T>(action: string, body: Record<string, unknown>): Promise<T> {
  const { cognitoEndpoint } = await platform();
  const response = await fetch(cognitoEndpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify(body),
  }).catch(() => {
    throw ApiFailure.unreached();
  });
  const answer = (await response.json().catch(() => ({}))) as T & Refused;
  if (response.ok) return answer;
  const kind = answer.__type?.split("#").at(-1) ?? "UnknownRefusal";
  throw new PoolRefusal(kind, answer.message ?? answer.Message ?? "The sign-in was refused.");
}
