import { http } from "msw";
import type { Order } from "@/features/jobs/api/getEstimate";
import { data, paged, refused, tally } from "../answer";
import { estimatesOf } from "../fixtures/estimate";
import { EVENTS, longLog } from "../fixtures/events";
import { pageOf } from "../fixtures/job-pages";
import { JOBS } from "../fixtures/jobs";
import { curve } from "../fixtures/points";
import { scenario } from "../scenario";

/** A curve that was not thinned. */
const MANY = { current_step: 50_000, total_steps: 60_000, best_step: null, best_validation_loss: null };
const all = () => (scenario("empty") ? [] : JOBS);
const one = (id: unknown) => JOBS.find((job) => job.id === id);
const NONE = () => refused(404, "job_not_found", "there is no such job");

export const jobs = [
  http.get("*/api/jobs", ({ request }) => {
    const url = new URL(request.url);
    const status = url.searchParams.get("status");
    const [dataset, search] = [url.searchParams.get("dataset_id"), url.searchParams.get("search")?.toLowerCase()];
    const found = all().filter((job) => (!status || job.status === status) && (!dataset || job.dataset_id === dataset) && (!search || job.name.toLowerCase().includes(search)));
    const { rows, pagination } = paged(found, url, 10);
    return data({ jobs: rows, pagination, counts: tally(all()) });
  }),
  http.post("*/api/jobs/estimate", async ({ request }) => data(estimatesOf((await request.json()) as Order))),
  http.post("*/api/jobs", () => data(one("job-waiting") ?? {}, 201)),
  http.get("*/api/jobs/:id/logs", ({ params, request }) => {
    const url = new URL(request.url);
    const [type, level, order] = ["type", "level", "order"].map((name) => url.searchParams.get(name));
    if (scenario("many") && !type) return data(longLog(Number(url.searchParams.get("cursor") ?? 0)));
    const found = (EVENTS[String(params.id)] ?? []).filter((event) => (!type || event.type.startsWith(type)) && (!level || event.level === level));
    return data({ events: order === "oldest" ? found : [...found].reverse(), cursor: null });
  }),
  http.get("*/api/jobs/:id", ({ params }) => {
    const job = one(params.id);
    if (!job) return NONE();
    const page = pageOf(scenario("stopping") ? { ...job, stop_requested: "cancelled_by_user" } : job);
    return data(scenario("many") ? { ...page, job: { ...job, ...MANY }, metrics: curve(MANY.current_step, MANY.total_steps, job.total_epochs, {}, MANY.current_step) } : page);
  }),
  http.patch("*/api/jobs/:id", async ({ params, request }) => {
    const { max_cost, resume } = (await request.json()) as { max_cost: number | null; resume: boolean };
    const job = one(params.id);
    if (job && max_cost !== null && max_cost <= job.current_cost) return refused(400, "invalid_request", "max_cost: is too little", { max_cost: ["is too little"] });
    return job ? data({ ...job, max_cost, status: resume ? "queued" : job.status }) : NONE();
  }),
  http.post("*/api/jobs/:id/cancel", ({ params }) => data({ job: { ...one(params.id), stop_requested: "cancelled_by_user" }, outcome: "stopping" })),
  http.post("*/api/jobs/:id/pause", ({ params }) => data({ job: { ...one(params.id), stop_requested: "paused_by_user" }, outcome: "stopping" })),
  http.post("*/api/jobs/:id/resume", () => data(one("job-waiting") ?? {})),
  http.post("*/api/jobs/:id/retry", () => data(one("job-waiting") ?? {}, 201)),
  http.post("*/api/jobs/:id/clone", () => data(one("job-waiting") ?? {}, 201)),
];
