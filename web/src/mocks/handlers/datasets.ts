import { http, HttpResponse } from "msw";
import { data, paged, refused, tally } from "../answer";
import { DATASETS } from "../fixtures/datasets";
import { previewOf } from "../fixtures/preview";
import { PROBLEMS } from "../fixtures/problems";
import { scenario } from "../scenario";

const again = PROBLEMS.filter((problem) => problem.code === "duplicate_exact");
const LISTED: Record<string, typeof PROBLEMS> = { "ds-errors": PROBLEMS, "ds-claims": [...again, ...again.map((problem) => ({ ...problem, line: 21, message: "The same row as line 20" }))] };
const all = () => (scenario("empty") ? [] : DATASETS);

export const datasets = [
  http.get("*/api/datasets", ({ request }) => {
    const url = new URL(request.url);
    const [status, search] = [url.searchParams.get("status"), url.searchParams.get("search")?.toLowerCase()];
    const found = all().filter((one) => (!status || one.status === status) && (!search || one.name.toLowerCase().includes(search)));
    const { rows, pagination } = paged(found, url);
    return data({ datasets: rows, pagination, counts: tally(all()) });
  }),
  http.post("*/api/datasets", async ({ request }) => {
    const declared = (await request.json()) as { name: string; file_name: string; file_size: number };
    const dataset = { ...DATASETS[3], ...declared, id: "ds-intake-new" };
    return data({ dataset, upload: { url: "https://storage.example/whole", headers: {} }, duplicate_of: null }, 201);
  }),
  http.get("*/api/datasets/:id/upload", () => data({ url: "https://storage.example/whole", headers: {} })),
  http.post("*/api/datasets/:id/confirm", ({ params }) => data(DATASETS.find((one) => one.id === params.id) ?? {})),
  http.put("https://storage.example/whole", () => new HttpResponse(null, { status: 200 })),
  http.get("*/api/datasets/:id/errors", ({ params, request }) => {
    const url = new URL(request.url);
    const [severity, code] = [url.searchParams.get("severity"), url.searchParams.get("code")];
    const listed = LISTED[String(params.id)] ?? [];
    const { rows, pagination } = paged(listed.filter((one) => (!severity || one.severity === severity) && (!code || one.code === code)), url);
    return data({ status: "error", problems: rows, pagination, error_counts: {}, warning_counts: {} });
  }),
  http.get("*/api/datasets/:id/preview", ({ params, request }) => {
    const line = Number(new URL(request.url).searchParams.get("row") ?? 1);
    if (line > 48) return refused(400, "invalid_request", "row: the file has no such line", { row: ["the file has no such line"] });
    return data(previewOf(String(params.id), line));
  }),
  http.post("*/api/datasets/:id/download", ({ params }) => data({ dataset_id: params.id, file_name: "f.jsonl", url: `${window.location.origin}/signed/f.jsonl`, expires_at: "2026-11-28T10:29:00Z", expires_in_seconds: 3600 })),
  http.get("*/api/datasets/:id/ledger", () => data({ status: "ready", rows: [], next_after: null, totals: null, token_count_method: "tokenizer", download_url: `${window.location.origin}/signed/rows.jsonl` })),
  http.patch("*/api/datasets/:id", async ({ params, request }) => data({ ...all().find((one) => one.id === params.id), ...((await request.json()) as object) })),
  http.delete("*/api/datasets/:id", ({ params }) => {
    if (params.id === "ds-claims") return refused(409, "dataset_in_use", "a job needs it", { active_jobs: ["job-running"] });
    return data({ id: params.id, deleted: true });
  }),
  http.get("*/api/datasets/:id", ({ params }) => {
    const found = all().find((one) => one.id === params.id);
    return found ? data(found) : refused(404, "dataset_not_found", "there is no such dataset");
  }),
];
