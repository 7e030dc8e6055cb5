import { http } from "msw";
import type { KeyOrder } from "@/features/api-keys/api/createApiKey";
import type { ApiKey } from "@/features/api-keys/api/listApiKeys";
import { data, refused } from "../answer";
import { scenario } from "../scenario";

const KEYS: ApiKey[] = [
  { id: "key-2", name: "Nightly training", hint: "k7Qd", scopes: ["read", "write"], created_at: "2026-11-21T08:12:00Z", ends_at: "2027-02-19T08:12:00Z", last_used_at: "2026-11-28T02:00:11Z", revoked_at: null },
  { id: "key-1", name: "Claims desk export", hint: "9fXw", scopes: ["read"], created_at: "2026-10-02T14:40:00Z", ends_at: null, last_used_at: null, revoked_at: null },
  { id: "key-x", name: "Autumn trial", hint: "Lm2p", scopes: ["read"], created_at: "2026-09-01T09:00:00Z", ends_at: "2026-11-01T09:00:00Z", last_used_at: "2026-10-30T11:00:00Z", revoked_at: null },
  { id: "key-0", name: "Laptop", hint: "aB3t", scopes: ["read", "write", "keys"], created_at: "2026-08-11T10:00:00Z", ends_at: null, last_used_at: "2026-11-11T17:02:00Z", revoked_at: "2026-11-12T07:30:00Z" },
];

export const apiKeys = [
  http.get("*/api/api-keys", () => data({ api_keys: scenario("empty") ? [] : KEYS })),
  http.post("*/api/api-keys", async ({ request }) => {
    const { name, scopes = ["read"], expires_in_days } = (await request.json()) as KeyOrder;
    const ends_at = expires_in_days ? new Date(Date.parse("2026-11-28T09:29:00Z") + expires_in_days * 86_400_000).toISOString() : null;
    const api_key: ApiKey = { id: "key-3", name, hint: "Zr4m", scopes, created_at: "2026-11-28T09:29:00Z", ends_at, last_used_at: null, revoked_at: null };
    return data({ api_key, secret: ["brk", "shown-once-in-the-mocks-Zr4m"].join("_") }, 201);
  }),
  http.delete("*/api/api-keys/:id", ({ params }) => {
    const found = KEYS.find((one) => one.id === params.id);
    return found ? data({ ...found, revoked_at: "2026-11-28T09:29:00Z" }) : refused(404, "api_key_not_found", "there is no such API key");
  }),
];
