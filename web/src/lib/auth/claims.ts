/** What an id token says of its bearer. Only for display: the API decides what is allowed. */
export function claimsOf(idToken: string): { email: string | null; admin: boolean } {
  const claims = parsed(idToken);
  const groups = claims["cognito:groups"];
  return {
    email: typeof claims.email === "string" ? claims.email : null,
    admin: Array.isArray(groups) && groups.includes("admin"),
  };
}

function parsed(idToken: string): Record<string, unknown> {
  try {
    const part = (idToken.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(window.atob(part), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
