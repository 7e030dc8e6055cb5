import { failureOf } from "@/lib/api/failure";
import { PoolRefusal } from "@/lib/auth/cognito";

const WORDS: Record<string, string> = {
  NotAuthorizedException: "E-mail or password is wrong.",
  UserNotFoundException: "E-mail or password is wrong.",
  CodeMismatchException: "The code is wrong.",
  ExpiredCodeException: "The code is too old. Ask for another.",
  EnableSoftwareTokenMFAException: "The code is wrong.",
  TooManyRequestsException: "Too many tries. Wait a few minutes.",
  LimitExceededException: "Too many tries. Wait a few minutes.",
  PasswordResetRequiredException: "This password must be reset: choose “Forgotten?”.",
  UserNotConfirmedException: "This account is not confirmed yet. Ask whoever runs this BrightRun.",
};

/** Why the user pool refused, without saying whether an e-mail address is known. */
export function refusalWords(error: unknown): string | undefined {
  if (!error) return undefined;
  if (error instanceof PoolRefusal) return WORDS[error.kind] ?? error.message;
  return failureOf(error).message;
}

export const PASSWORD_RULE = "At least 12 characters, with upper and lower case and a digit."; // pragma: allowlist secret

/** What a new password lacks, or nothing. */
export function passwordLacks(password: string): string | undefined {
  const holds = password.length >= 12 && /[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password);
  return holds ? undefined : PASSWORD_RULE;
}
