import { http, HttpResponse } from "msw";

/** The user pool: any password is right but those of "wrong@…"; "first@…" must choose one, "totp@…" is asked for a code. */
interface Asked {
  AuthFlow?: string;
  AuthParameters?: { USERNAME?: string };
  ChallengeName?: string;
  ChallengeResponses?: Record<string, string>;
  UserCode?: string;
  SoftwareTokenMfaSettings?: { Enabled: boolean };
}

const RESULT = { AuthenticationResult: { IdToken: "header.e30.signature", AccessToken: "access", RefreshToken: "refresh", ExpiresIn: 3600 } };

let isOn = false;

/** What the pool keeps of whoever is signed in; the code "000000" is wrong. */
function ownAnswer(target: string, asked: Asked) {
  if (target.endsWith("GetUser")) return HttpResponse.json({ Username: "u-1", UserMFASettingList: isOn ? ["SOFTWARE_TOKEN_MFA"] : [] });
  if (target.endsWith("AssociateSoftwareToken")) return HttpResponse.json({ SecretCode: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" }); // pragma: allowlist secret
  if (target.endsWith("VerifySoftwareToken")) {
    if (asked.UserCode === "000000") return HttpResponse.json({ __type: "EnableSoftwareTokenMFAException", message: "no" }, { status: 400 });
    return HttpResponse.json({ Status: "SUCCESS" });
  }
  if (!target.endsWith("SetUserMFAPreference")) return null;
  isOn = asked.SoftwareTokenMfaSettings?.Enabled ?? false;
  return HttpResponse.json({});
}

/** Numbers of a pool; no proof of theirs is looked at here. */
function asksForProof(username: string) {
  const ChallengeParameters = { USER_ID_FOR_SRP: username, SALT: "f00d", SRP_B: "abcdef", SECRET_BLOCK: btoa("a secret block") };
  return HttpResponse.json({ ChallengeName: "PASSWORD_VERIFIER", ChallengeParameters });
}

function answer(target: string, asked: Asked) {
  const own = ownAnswer(target, asked);
  if (own) return own;
  if (asked.AuthFlow === "USER_SRP_AUTH") return asksForProof(asked.AuthParameters?.USERNAME ?? "");
  const who = asked.ChallengeName === "PASSWORD_VERIFIER" ? (asked.ChallengeResponses?.USERNAME ?? "") : "";
  const refused = who.startsWith("wrong@") || asked.ChallengeResponses?.SOFTWARE_TOKEN_MFA_CODE === "000000";
  if (refused) return HttpResponse.json({ __type: "NotAuthorizedException", message: "Incorrect username or password." }, { status: 400 });
  if (target.endsWith("ForgotPassword")) return HttpResponse.json({});
  if (who.startsWith("first@")) return HttpResponse.json({ ChallengeName: "NEW_PASSWORD_REQUIRED", Session: "s1", ChallengeParameters: {} });
  if (who.startsWith("totp@")) return HttpResponse.json({ ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s2", ChallengeParameters: {} });
  return HttpResponse.json(RESULT);
}

export const signIn = [
  http.get("*/api/config", () =>
    HttpResponse.json({
      success: true,
      data: {
        stage: "mock",
        region: "us-east-1",
        user_pool_id: "us-east-1_pool",
        user_pool_client_id: "client",
        cognito_endpoint: `${window.location.origin}/pool`,
      },
    }),
  ),
  http.post("*/pool", async ({ request }) => answer(request.headers.get("x-amz-target") ?? "", (await request.json()) as Asked)),
];
