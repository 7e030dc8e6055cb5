import { refresh } from "./cognito";

/** Who this tab is. Tokens stay in memory; only the refresh token (or the API key) is kept, for this tab, to live through a reload. */
export interface Tokens {
  idToken: string;
  /** Opens what the user pool keeps of its holder: the second step. */
  accessToken: string | null;
  refreshToken: string | null;
  expiresAt: number;
}
type Identity = { kind: "tokens"; tokens: Tokens } | { kind: "key"; key: string };
/** `out` after signing out, `lost` when the server ended the session. */
export type Standing = "unknown" | "in" | "out" | "lost";

const REFRESH = "brightrun.refresh";
const KEY = "brightrun.key";
const STALE_SECONDS = 60;

let identity: Identity | null = null;
let standing: Standing = "unknown";
let renewing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function settle(next: Standing): void {
  standing = next;
  for (const listener of listeners) listener();
}

function keep(name: string, value: string | null): void {
  if (value === null) window.sessionStorage.removeItem(name);
  else window.sessionStorage.setItem(name, value);
}

export const session = {
  current: (): Identity | null => identity,
  standing: (): Standing => standing,

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  headers(): Record<string, string> {
    if (!identity) return {};
    return { authorization: `Bearer ${identity.kind === "key" ? identity.key : identity.tokens.idToken}` };
  },

  /** Null for a tab that was entered with an API key. */
  async accessToken(): Promise<string | null> {
    await session.renewIfStale();
    return identity?.kind === "tokens" ? identity.tokens.accessToken : null;
  },

  begin(tokens: Tokens): void {
    identity = { kind: "tokens", tokens };
    if (tokens.refreshToken) keep(REFRESH, tokens.refreshToken);
    keep(KEY, null);
    settle("in");
  },

  beginWithKey(key: string): void {
    identity = { kind: "key", key };
    keep(KEY, key);
    keep(REFRESH, null);
    settle("in");
  },

  /** After a reload: the key, or a fresh token for the kept refresh token. */
  async restore(): Promise<boolean> {
    if (identity) return true;
    const key = window.sessionStorage.getItem(KEY);
    if (key) {
      session.beginWithKey(key);
      return true;
    }
    if (await session.renew()) return true;
    if (standing === "unknown") settle("out");
    return false;
  },

  renew(): Promise<boolean> {
    renewing ??= renewTokens().finally(() => {
      renewing = null;
    });
    return renewing;
  },

  async renewIfStale(): Promise<void> {
    if (identity?.kind !== "tokens") return;
    if (identity.tokens.expiresAt - Date.now() / 1000 < STALE_SECONDS) await session.renew();
  },

  end(why: "out" | "lost"): void {
    identity = null;
    keep(REFRESH, null);
    keep(KEY, null);
    settle(why);
  },
};

async function renewTokens(): Promise<boolean> {
  const kept = window.sessionStorage.getItem(REFRESH);
  if (!kept || identity?.kind === "key") return false;
  const tokens = await refresh(kept);
  if (!tokens) return false;
  session.begin({ ...tokens, refreshToken: tokens.refreshToken ?? kept });
  return true;
}
