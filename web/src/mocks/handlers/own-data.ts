import { http } from "msw";
import type { ExportPart } from "@/features/export/api/exportPart";
import { data } from "../answer";
import { AUDIT } from "../fixtures/audit";
import { scenario } from "../scenario";

/** Two pages, so that the second is asked for as well. */
export function exported(cursor: string | null): ExportPart {
  const record = (kind: string, n: number) => ({ kind, key: `${kind}#${n}`, record: { name: `${kind} ${n}` } });
  const file = (path: string) => ({ path, url: `https://storage.example/${path}` });
  if (cursor === null) {
    return { records: Array.from({ length: 50 }, (_, n) => record("dataset", n)), files: [file("datasets/u-1/ds-claims/claims-desk.jsonl"), file("datasets/u-1/ds-harbour/harbour.jsonl")], cursor: "next" };
  }
  return { records: Array.from({ length: 12 }, (_, n) => record("job", n)), files: [file("models/u-1/model-claims/adapter_model.safetensors")], cursor: null };
}

export const ownData = [
  http.get("*/api/audit", () => data({ entries: scenario("empty") ? [] : AUDIT, cursor: null })),
  http.get("*/api/me/export", ({ request }) => data(exported(new URL(request.url).searchParams.get("cursor")))),
  http.post("*/api/me/erase", () => data({ user_id: "u-1", state: "waiting", due_at: "2026-12-28T09:29:24Z", erased_at: null })),
];
