import { http } from "msw";
import type { AdminOverview } from "@/features/admin/api/getOverview";
import type { Health } from "@/features/admin/api/getHealth";
import type { Watchdog } from "@/features/admin/api/getWatchdog";
import type { Unreadable } from "@/features/admin/api/listUnreadable";
import { data } from "../answer";
import { USERS } from "../fixtures/users";
import { scenario } from "../scenario";

const OVERVIEW: AdminOverview = {
  users: 4,
  complete: true,
  datasets: { ready: 11, error: 2, uploading: 1 },
  jobs: { completed: 31, failed: 4, cancelled: 3, running: 1, queued: 1, paused: 1 },
  models: { stored: 24, testing: 4, production: 2, archived: 1 },
  failures: { out_of_memory: 2, queue_timeout: 1, budget_exceeded: 1 },
  quality: { 5: 3, 4: 14, 3: 9, 2: 5 },
  storage_bytes: { datasets: 214_000_000, models: 3_120_000_000 },
  spent_this_month: 118.42,
  calibration: [
    { base_model: "Qwen/Qwen3-8B", gpu_type: "A100-80GB", runs: 23, coverage: 0.83, measured: { runs: 20, tokens_per_second: 1714, overhead_seconds: 262, deviation: 0.11, actual_over_estimate: 0.96 } },
    { base_model: "Qwen/Qwen3-8B", gpu_type: "H100", runs: 6, coverage: 0.67, measured: { runs: 6, tokens_per_second: 3021, overhead_seconds: 231, deviation: 0.19, actual_over_estimate: 1.04 } },
    { base_model: "meta-llama/Llama-3.1-8B-Instruct", gpu_type: "A100-40GB", runs: 2, coverage: null, measured: null },
  ],
};

const endpoint = (id: string, over: Partial<Watchdog["endpoints"][number]["endpoint"]>, ours: number) => ({
  endpoint: { id, checked_at: "2026-11-28T09:28:41Z", queued: 0, in_progress: 0, workers: { running: 0, idle: 0, initializing: 0, throttled: 0, unhealthy: 0 }, configured: { min_workers: 0, max_workers: 3, idle_seconds: 5, network_volumes: 0 }, ...over },
  ours,
  surplus: 0,
  orphans: 0,
});

const WATCH: Watchdog = {
  at: "2026-11-28T09:28:41Z",
  orphans: 0,
  idle_costs: ["a100-40: 1 network volumes are rented by the month"],
  endpoints: [
    endpoint("a100-80", { in_progress: 1, workers: { running: 1, idle: 0, initializing: 0, throttled: 0, unhealthy: 0 } }, 1),
    endpoint("h100", { queued: 1, workers: { running: 0, idle: 0, initializing: 0, throttled: 2, unhealthy: 0 }, problem: "two workers are throttled: the provider has no H100 free" }, 1),
    endpoint("a100-40", { configured: { min_workers: 0, max_workers: 2, idle_seconds: 5, network_volumes: 1 } }, 0),
  ],
};

const UNREADABLE: Unreadable[] = [
  { pk_read: "USER#5f0c8a52-31d7-4c58-9a55-0d6c3be0f1aa", sk_read: "JOB#019aa0c0-0000-7000-8000-0000000000a7", at: "2026-11-28T08:41:07Z", why: "1 validation error for Job\nhyperparameters.rank\n  Input should be greater than or equal to 4" },
  { pk_read: "USER#9be41a7e-77a2-4f4e-8d0f-7f2f5d1c22b3", sk_read: "OUT#019aa0c0-0000-7000-8000-0000000000c1#webhook", at: "2026-11-19T22:10:40Z", why: "1 validation error for Delivery\nurl\n  Field required" },
];

const run = (seconds: number | null, well = true, broke_at: string | null = null) => ({ last_run_at: seconds === null ? null : new Date(Date.parse("2026-11-28T09:29:24Z") - seconds * 1000).toISOString(), broke_at, well });
const HEALTH: Health = {
  status: "degraded",
  stage: "mock",
  table: true,
  bucket: true,
  unreadable: 2,
  provider_key_refused_at: null,
  catalog: { version: 2, problem: null },
  functions: { validator: run(21), dispatcher: run(38), reconciler: run(44), notifier: run(1260, false, "2026-11-28T09:08:24Z"), watchdog: run(43), janitor: run(null, false) },
};

const set = new Map<string, number | null>();
const budget = (id: string) => {
  const spent = USERS.find((one) => one.user_id === id)?.spent_this_month ?? 0;
  const own = set.get(id);
  const monthly_limit = own === undefined || own === null ? 100 : own === 0 ? null : own;
  return { month: "2026-11", monthly_limit, spent, committed: 0, remaining: monthly_limit === null ? null : Math.max(0, monthly_limit - spent), warn_at_percent: [80, 100] };
};

export const admin = [
  http.get("*/api/admin/overview", () => data(OVERVIEW)),
  http.get("*/api/admin/watchdog", () => data(WATCH)),
  http.get("*/api/admin/users", () => data({ users: scenario("empty") ? [] : USERS, cursor: null })),
  http.get("*/api/admin/users/:id/limits", ({ params }) => data(budget(String(params.id)))),
  http.put("*/api/admin/users/:id/limits", async ({ params, request }) => {
    const { monthly_limit_usd } = (await request.json()) as { monthly_limit_usd: number | null };
    set.set(String(params.id), monthly_limit_usd);
    return data(budget(String(params.id)));
  }),
  http.get("*/api/admin/unreadable", () => data({ items: scenario("empty") ? [] : UNREADABLE, cursor: null })),
  http.get("*/api/health", () => data(HEALTH)),
];
