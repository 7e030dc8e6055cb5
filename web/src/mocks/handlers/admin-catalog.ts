import { http } from "msw";
import type { CatalogVersion } from "@/features/admin/catalogue/api/getCatalogVersion";
import { data, refused } from "../answer";
import { ROOT } from "../fixtures/audit";
import { CATALOG } from "../fixtures/catalog";

type Document = CatalogVersion["document"];

const document = (h100: number): Document => ({
  gpus: CATALOG.gpu_types.map((gpu) => ({
    type: gpu.type,
    name: gpu.name,
    tagline: gpu.tagline,
    planning_tokens_per_second: gpu.tokens_per_second,
    memory_gb: gpu.memory_gb,
    not_trainable: gpu.type.startsWith("V100") ? "it has no bfloat16; the trainer refuses it" : null,
    prices: [
      { hourly_rate_usd: gpu.type === "H100" ? h100 : gpu.hourly_rate, effective_from: "2026-11-01" },
      ...(gpu.type === "A100-80GB" ? [{ hourly_rate_usd: 3.2, effective_from: "2027-01-01" }] : []),
    ],
  })),
  base_models: CATALOG.base_models.map((model) => ({ ...model, license: model.license ?? "" })),
  presets: Object.fromEntries(CATALOG.presets.map(({ preset_id, name, description, tagline }) => [preset_id, { name, description, tagline }])),
});

const pushed: Omit<CatalogVersion, "newest">[] = [
  { version: 0, pushed_at: null, pushed_by: null, document: document(4.6) },
  { version: 1, pushed_at: "2026-11-10T13:20:00Z", pushed_by: ROOT, document: document(4.4) },
  { version: 2, pushed_at: "2026-11-24T08:15:00Z", pushed_by: ROOT, document: document(4.2) },
];
const versioned = (version: number) => {
  const found = pushed[version];
  return found ? data({ ...found, newest: pushed.length - 1 }) : refused(400, "invalid_request", "no such version", { version: [`there is no version ${version}`] });
};

export const adminCatalog = [
  http.get("*/api/admin/catalog", ({ request }) => {
    const version = new URL(request.url).searchParams.get("version");
    return versioned(version === null ? pushed.length - 1 : Number(version));
  }),
  http.put("*/api/admin/catalog", async ({ request }) => {
    const sent = (await request.json()) as { document: Document };
    if (!Array.isArray(sent.document.gpus)) return refused(400, "invalid_request", "the catalogue is not whole", { "document.gpus": ["Field required"] });
    pushed.push({ version: pushed.length, pushed_at: "2026-11-28T09:29:24Z", pushed_by: ROOT, document: sent.document });
    return versioned(pushed.length - 1);
  }),
];
