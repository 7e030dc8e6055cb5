import type { Attempt, Job, JobPageData } from "./api/getJob";

export type Stretch = JobPageData["phases"][number];

/** Where the time of a job went, in the order in which a job comes through it. */
const PHASES = ["waiting", "downloading_dataset", "loading_model", "training", "evaluating", "saving", "uploading"] as const;
type PhaseName = (typeof PHASES)[number];

export interface Phase {
  name: PhaseName;
  seconds: number;
  cost: number;
  times: number;
  state: "done" | "now" | "to-come" | "stopped" | "never";
}

export interface Phases {
  phases: Phase[];
  gpuSeconds: number;
  cost: number;
  stored: number;
}

const SLACK = 0.05;
const CENTS = 0.02;
const OVER: Job["status"][] = ["completed", "failed", "cancelled", "paused"];

/** `stored` is what of the charge is for keeping the model, not for a GPU. Null where there are none, or where those of a job at rest do not add up to its charge within five percent. */
export function phasesOf(job: Job, stretches: Stretch[], attempts: Attempt[], stored = 0): Phases | null {
  const spans = stretches.flatMap((stretch) => spanOf(stretch, job, attempts));
  const charged = (job.final_cost ?? job.current_cost) - stored;
  const reckoned = spans.reduce((sum, span) => sum + span.cost, 0);
  const isOff = Math.abs(charged - reckoned) > Math.max(charged * SLACK, CENTS);
  if (spans.length === 0 || (isOff && OVER.includes(job.status))) return null;
  const last = spans.at(-1)?.name;
  const phases = PHASES.map((name): Phase => {
    const mine = spans.filter((span) => span.name === name);
    return { name, seconds: sumOf(mine, "seconds"), cost: sumOf(mine, "cost"), times: timesOf(name, spans), state: stateOf(name, mine.length > 0, last, job) };
  });
  const costly = phases.find((phase) => phase.name === last && last !== "waiting") ?? phases.find((phase) => phase.name === "training");
  if (costly) costly.cost = Math.max(0, costly.cost + charged - reckoned);
  return { phases, gpuSeconds: sumOf(spans.filter((span) => span.name !== "waiting"), "seconds"), cost: charged, stored };
}

interface Span {
  name: PhaseName;
  seconds: number;
  cost: number;
}

const sumOf = (spans: Span[], what: "seconds" | "cost"): number => spans.reduce((sum, span) => sum + span[what], 0);

/** What is not billed yet is reckoned from what an hour on its GPUs costs; the total is the server's all the same. */
function spanOf(stretch: Stretch, job: Job, attempts: Attempt[]): Span[] {
  const { stage, seconds } = stretch;
  if (stage === "completed") return [];
  const name = PHASES.find((phase) => phase === stage) ?? "waiting";
  if (name === "waiting") return [{ name, seconds, cost: 0 }];
  const attempt = attempts.find((one) => one.number === stretch.attempt);
  const hourly = (attempt?.hourly_rate_usd ?? job.hourly_rate_usd) * (attempt?.gpu_count ?? job.gpu_config.count ?? 1);
  return [{ name, seconds, cost: stretch.cost ?? (seconds / 3600) * hourly }];
}

/** How often it was come to: waiting to be sent and waiting for a GPU are one wait. */
function timesOf(name: PhaseName, spans: Span[]): number {
  return spans.filter((span, at) => span.name === name && spans[at - 1]?.name !== name).length;
}

function stateOf(name: PhaseName, was: boolean, last: PhaseName | undefined, job: Job): Phase["state"] {
  const ended = ["failed", "cancelled"].includes(job.status);
  if (name === last && job.status !== "completed" && job.status !== "paused") return ended ? "stopped" : "now";
  if (was) return "done";
  return ended ? "never" : "to-come";
}
