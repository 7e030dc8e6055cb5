import type { Mark } from "@/lib/status";
import type { ApiKey } from "./api/listApiKeys";

/** Whether a key still opens anything. */
export const works = (key: ApiKey, now: Date): boolean => key.revoked_at === null && !hasEnded(key, now);

export function keyState(key: ApiKey, now: Date): Mark {
  if (key.revoked_at) return { word: "Revoked", tone: "rest" };
  return hasEnded(key, now) ? { word: "Ended", tone: "rest" } : { word: "Works", tone: "good" };
}

const hasEnded = ({ ends_at }: ApiKey, now: Date): boolean => ends_at !== null && Date.parse(ends_at) <= now.getTime();
