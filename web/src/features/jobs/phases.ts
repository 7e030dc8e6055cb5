import type { Job, JobEvent } from "./api/getJob";

/** Where the time of a job went, read out of its events: the API names stages only in their words. */
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
}

const SLACK = 0.05;
const CENTS = 0.02;

/** Null where what the events say does not add up to what the server charged, within five percent. */
export function phasesOf(job: Job, events: JobEvent[], now: Date): Phases | null {
  const spans = spansOf(job, events, now);
  const rate = (job.hourly_rate_usd * (job.gpu_config.count ?? 1)) / 3600;
  const charged = job.final_cost ?? job.current_cost;
  const gpuSeconds = spans.filter((span) => span.name !== "waiting").reduce((sum, span) => sum + span.seconds, 0);
  const difference = charged - gpuSeconds * rate;
  const isActive = !["completed", "failed", "cancelled", "paused"].includes(job.status);
  if (spans.length === 0 || (Math.abs(difference) > Math.max(charged * SLACK, CENTS) && !isActive)) return null;
  const last = spans.at(-1)?.name;
  const phases = PHASES.map((name): Phase => {
    const mine = spans.filter((span) => span.name === name);
    const seconds = mine.reduce((sum, span) => sum + span.seconds, 0);
    const cost = name === "waiting" ? 0 : seconds * rate;
    return { name, seconds, cost, times: mine.length, state: stateOf(name, mine.length > 0, last, job) };
  });
  const costly = phases.find((phase) => phase.name === last && last !== "waiting") ?? phases.find((phase) => phase.name === "training");
  if (costly) costly.cost = Math.max(0, costly.cost + difference);
  return { phases, gpuSeconds, cost: charged };
}

function stateOf(name: PhaseName, was: boolean, last: PhaseName | undefined, job: Job): Phase["state"] {
  const ended = ["failed", "cancelled"].includes(job.status);
  if (name === last && job.status !== "completed" && job.status !== "paused") return ended ? "stopped" : "now";
  if (was) return "done";
  return ended ? "never" : "to-come";
}

interface Span {
  name: PhaseName;
  seconds: number;
}

function spansOf(job: Job, events: JobEvent[], now: Date): Span[] {
  const turns = [{ at: Date.parse(job.queued_at), name: "waiting" as PhaseName | null }];
  for (const event of [...events].sort((a, b) => a.time.localeCompare(b.time))) {
    const name = entered(event);
    if (name !== undefined) turns.push({ at: Date.parse(event.time), name });
  }
  const end = job.completed_at ? Date.parse(job.completed_at) : now.getTime();
  const spans: Span[] = [];
  turns.forEach((turn, at) => {
    const until = turns[at + 1]?.at ?? end;
    if (turn.name === null || until <= turn.at) return;
    const before = spans.at(-1);
    if (before?.name === turn.name) before.seconds += (until - turn.at) / 1000;
    else spans.push({ name: turn.name, seconds: (until - turn.at) / 1000 });
  });
  return spans;
}

/** Which phase an event begins; null where nothing goes on after it; undefined where it changes nothing. */
function entered(event: JobEvent): PhaseName | null | undefined {
  if (event.type === "job.stage") {
    const stage = event.message.replace(/^Now /, "").trim().replaceAll(" ", "_");
    return PHASES.find((name) => name === stage);
  }
  if (event.type === "attempt.started") return "downloading_dataset";
  if (event.type === "attempt.lost" || event.type === "job.resumed") return "waiting";
  if (event.type === "attempt.finished") return null;
  return undefined;
}

/** `… goes on after step 1121` of a lost attempt: where the next one began. */
export function restartSteps(events: JobEvent[]): number[] {
  return stepsIn(events.filter((event) => event.type === "attempt.lost"), /after step (\d+)/);
}

export function keptSteps(events: JobEvent[]): number[] {
  return stepsIn(events.filter((event) => event.type === "checkpoint.stored"), /step (\d+)/);
}

function stepsIn(events: JobEvent[], pattern: RegExp): number[] {
  return events.map((event) => Number(pattern.exec(event.message)?.[1])).filter((step) => Number.isInteger(step));
}
