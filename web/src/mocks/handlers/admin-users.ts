import { http } from "msw";
import type { User } from "@/features/admin/user/api/getUser";
import type { UserErasure } from "@/features/admin/user/api/getErasure";
import type { DeletedThing } from "@/features/admin/user/api/listDeleted";
import type { ApiKey } from "@/features/api-keys/api/listApiKeys";
import { data, refused } from "../answer";
import { ADA, AUDIT, ROOT } from "../fixtures/audit";
import { USERS } from "../fixtures/users";
import { scenario } from "../scenario";
import { exported } from "./own-data";

const OUT = "c2d91f04-0a5c-4b57-b5b4-3d5b7c5e9911";
const LEAVING = "f7a3e6d8-5a34-4c0b-a7d9-91c2b7d0ce60";
const EMAILS: Record<string, string> = { [ADA]: "ada@example.com", [OUT]: "cleo@example.com", [LEAVING]: "finn@example.com" };

const isOut = new Map([
  [OUT, "2026-11-26T14:03:00Z"],
  [LEAVING, "2026-11-25T09:00:00Z"],
]);
const erasing = new Map<string, UserErasure>([[LEAVING, { user_id: LEAVING, state: "waiting", due_at: "2026-12-25T09:00:00Z", erased_at: null }]]);

const KEYS: ApiKey[] = [
  { id: "key-2", name: "Nightly training", hint: "k7Qd", scopes: ["read", "write"], created_at: "2026-11-21T08:12:00Z", ends_at: "2027-02-19T08:12:00Z", last_used_at: "2026-11-28T02:00:11Z", revoked_at: null },
  { id: "key-0", name: "Laptop", hint: "aB3t", scopes: ["read", "write", "keys"], created_at: "2026-08-11T10:00:00Z", ends_at: null, last_used_at: "2026-11-11T17:02:00Z", revoked_at: "2026-11-12T07:30:00Z" },
];
let keys = KEYS;

const thing = (kind: DeletedThing["kind"], id: string, name: string | null, asked_at: string, due_at: string): DeletedThing => ({ kind, id, name, asked_by: ADA, asked_at, due_at });
const DELETED: DeletedThing[] = [
  thing("dataset", "0199f3a2-7c4e-7b1d-9a60-52c1e8d0f4b7", "Intake, first try", "2026-11-27T16:42:51Z", "2026-12-27T16:42:51Z"),
  thing("model", "0199c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f", "Tone of voice, fast", "2026-11-14T10:20:00Z", "2026-12-14T10:20:00Z"),
];
let deleted = DELETED;

function viewOf(id: string): User {
  const row = USERS.find((one) => one.user_id === id);
  const since = isOut.get(id) ?? null;
  return {
    user_id: id,
    email: EMAILS[id] ?? null,
    seen_at: row?.seen_at ?? null,
    disabled_at: since,
    changed_by: since ? ROOT : null,
    changed_at: since,
    datasets: row?.datasets ?? {},
    jobs: row?.jobs ?? {},
    models: row?.models ?? {},
    storage_bytes: row ? { datasets: 87_300_000, models: 912_000_000 } : {},
    spent_this_month: row?.spent_this_month ?? 0,
  };
}

const access = (id: string) => ({ user_id: id, version: 2, disabled_at: isOut.get(id) ?? null, changed_by: ROOT, changed_at: "2026-11-28T09:29:24Z" });
const erasure = (id: string): UserErasure => erasing.get(id) ?? { user_id: id, state: "none", due_at: null, erased_at: null };

export const adminUsers = [
  http.get("*/api/admin/users/:id", ({ params }) => data(viewOf(String(params.id)))),
  http.post("*/api/admin/users/:id/disable", ({ params }) => {
    isOut.set(String(params.id), "2026-11-28T09:29:24Z");
    return data(access(String(params.id)));
  }),
  http.post("*/api/admin/users/:id/enable", ({ params }) => {
    isOut.delete(String(params.id));
    erasing.delete(String(params.id));
    return data(access(String(params.id)));
  }),
  http.get("*/api/admin/users/:id/audit", () => data({ entries: scenario("empty") ? [] : AUDIT, cursor: null })),
  http.get("*/api/admin/users/:id/api-keys", ({ params }) => data({ api_keys: scenario("empty") || params.id === "somebody" ? [] : keys })),
  http.delete("*/api/admin/users/:id/api-keys/:key", ({ params }) => {
    const found = keys.find((one) => one.id === params.key);
    if (!found) return refused(404, "api_key_not_found", "there is no such API key");
    const after = { ...found, revoked_at: "2026-11-28T09:29:24Z" };
    keys = keys.map((one) => (one.id === after.id ? after : one));
    return data(after);
  }),
  http.get("*/api/admin/users/:id/export", ({ request }) => data(exported(new URL(request.url).searchParams.get("cursor")))),
  http.get("*/api/admin/users/:id/deleted", () => data({ deleted: scenario("empty") ? [] : deleted, cursor: null })),
  http.post("*/api/admin/users/:id/purge", async ({ request }) => {
    const { ids } = (await request.json()) as { ids: string[] | null };
    const gone = deleted.filter((one) => ids === null || ids.includes(one.id));
    deleted = deleted.filter((one) => !gone.includes(one));
    return data({ erasures: gone });
  }),
  http.get("*/api/admin/users/:id/erasure", ({ params }) => data(erasure(String(params.id)))),
  http.post("*/api/admin/users/:id/erase", ({ params }) => {
    const id = String(params.id);
    isOut.set(id, "2026-11-28T09:29:24Z");
    erasing.set(id, { user_id: id, state: "waiting", due_at: "2026-11-28T09:29:24Z", erased_at: null });
    return data(erasure(id));
  }),
];
