import { http, HttpResponse } from "msw";

/** The user pool: any password but "wrong" is right; "first@…" must choose one, "totp@…" is asked for a code. */
interface Asked {
  AuthParameters?: { USERNAME?: string; PASSWORD?: string };
  ChallengeResponses?: Record<string, string>;
}

const RESULT = { AuthenticationResult: { IdToken: "header.e30.signature", RefreshToken: "refresh", ExpiresIn: 3600 } };

function answer(target: string, asked: Asked) {
  const who = asked.AuthParameters?.USERNAME ?? "";
  const refused = asked.AuthParameters?.PASSWORD === "wrong" || asked.ChallengeResponses?.SOFTWARE_TOKEN_MFA_CODE === "000000";
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
        user_pool_id: "pool",
        user_pool_client_id: "client",
        cognito_endpoint: `${window.location.origin}/pool`,
      },
    }),
  ),
  http.post("*/pool", async ({ request }) => answer(request.headers.get("x-amz-target") ?? "", (await request.json()) as Asked)),
];
