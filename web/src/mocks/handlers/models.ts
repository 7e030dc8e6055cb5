import { http } from "msw";
import type { ModelEdit } from "@/features/models/api/editModel";
import type { Model } from "@/features/models/api/getModel";
import { data, paged, refused, tally } from "../answer";
import { MODEL_DETAILS } from "../fixtures/model-details";
import { MODELS } from "../fixtures/models";
import { scenario } from "../scenario";

const all = () => (scenario("empty") ? [] : MODELS);
const edited = new Map<string, Partial<Model>>();
const find = (id: unknown) => MODEL_DETAILS.filter((one) => one.id === id).map((one) => ({ ...one, ...edited.get(one.id) }))[0];
const none = () => refused(404, "model_not_found", "there is no such model");

export const models = [
  http.get("*/api/models", ({ request }) => {
    const url = new URL(request.url);
    const search = url.searchParams.get("search")?.toLowerCase() ?? "";
    const status = url.searchParams.get("status");
    const found = all().filter((one) => one.name.toLowerCase().includes(search) && (!status || one.status === status));
    if (url.searchParams.get("sort") === "quality") found.sort((a, b) => b.quality_metrics.overall_score - a.quality_metrics.overall_score);
    const { rows, pagination } = paged(found, url, 12);
    return data({ models: rows, pagination, counts: tally(all()) });
  }),
  http.get("*/api/models/:id", ({ params }) => {
    const found = find(params.id);
    return found ? data(found) : none();
  }),
  http.patch("*/api/models/:id", async ({ params, request }) => {
    const found = find(params.id);
    if (!found) return none();
    const { name, status } = (await request.json()) as ModelEdit;
    const after = { ...found, name: name ?? found.name, status: status ?? found.status };
    edited.set(found.id, { name: after.name, status: after.status });
    return data(after);
  }),
  http.delete("*/api/models/:id", ({ params }) => (find(params.id) ? data({ id: params.id, deleted: true }) : none())),
  http.post("*/api/models/:id/download", async ({ params, request }) => {
    const found = find(params.id);
    if (!found) return none();
    const { files } = (await request.json()) as { files: string[] };
    const download_urls = Object.fromEntries(files.map((name) => [name, `${window.location.origin}/signed/${name}`]));
    return data({ model_id: found.id, model_name: found.name, download_urls, expires_at: "2026-11-28T10:29:00Z", expires_in_seconds: 3600 });
  }),
];
