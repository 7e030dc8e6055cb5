import { poolCall } from "./cognito";
import { session } from "./session";

/** The second step of a sign-in: a code of an authenticator, switched on and off by whom it protects. */
const METHOD = "SOFTWARE_TOKEN_MFA";

/** Whether it is asked for at a sign-in; null where this tab was entered with an API key, which needs none. */
export async function hasSecondStep(): Promise<boolean | null> {
  const token = await session.accessToken();
  if (token === null) return null;
  const { UserMFASettingList: methods = [] } = await poolCall<{ UserMFASettingList?: string[] }>("GetUser", { AccessToken: token });
  return methods.includes(METHOD);
}

/** A secret that the authenticator makes its codes of; it counts once a code was shown. */
export async function newSecret(): Promise<string> {
  const { SecretCode } = await poolCall<{ SecretCode: string }>("AssociateSoftwareToken", { AccessToken: await session.accessToken() });
  return SecretCode;
}

/** Show that the authenticator is set up, and have it asked for from now on. */
export async function confirmSecret(code: string): Promise<void> {
  await poolCall("VerifySoftwareToken", { AccessToken: await session.accessToken(), UserCode: code, FriendlyDeviceName: "Authenticator" });
  await prefer(true);
}

export const dropSecondStep = (): Promise<void> => prefer(false);

async function prefer(enabled: boolean): Promise<void> {
  const SoftwareTokenMfaSettings = { Enabled: enabled, PreferredMfa: enabled };
  await poolCall("SetUserMFAPreference", { AccessToken: await session.accessToken(), SoftwareTokenMfaSettings });
}

/** What an authenticator reads out of the picture. */
export function otpAddress(secret: string, email: string): string {
  return `otpauth://totp/${encodeURIComponent(`BrightRun:${email}`)}?secret=${secret}&issuer=BrightRun`;
}
