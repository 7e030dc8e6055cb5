import { counted } from "@/lib/format";
import type { AdminOverview } from "./api/getOverview";
import type { Health } from "./api/getHealth";
import type { Watchdog } from "./api/getWatchdog";

type Calibration = AdminOverview["calibration"][number];

const FEWEST_RUNS = 10;
const CALIBRATED = 0.8;
const OLD_SECONDS = 600;

/** Why jobs failed, each code in a few words. */
const FAILURES: Record<string, string> = {
  out_of_memory: "the memory did not suffice, also with smaller steps",
  bad_dataset: "a row could not be read by the trainer",
  dataset_checksum: "the dataset arrived changed at the GPU",
  bad_configuration: "the worker refused the order",
  no_trainable_rows: "no row was left to train on",
  base_model_unavailable: "the base model’s files could not be had",
  base_model_gated: "the base model wants its licence accepted",
  base_model_unsupported: "this kind of model cannot be trained here",
  chat_template_missing: "the base model has no chat template to train with",
  context_too_short: "rows longer than the base model can take were asked for",
  disk_too_small: "the worker’s disk could not hold the base model and its checkpoints",
  non_finite_loss: "the loss became infinite twice",
  verification_failed: "the saved adapter did not give the same answers again",
  upload_failed: "the files could not be stored",
  trainer_crashed: "the training process ended unexpectedly",
  stopped: "the worker stopped without being asked",
  budget_exceeded: "it would have cost more than was allowed",
  deadline_exceeded: "the longest time a job may take was over",
  queue_timeout: "no GPU came in time; it cost nothing",
  attempts_exhausted: "each attempt lost its worker",
  provider_refused: "RunPod refused the run",
  gpu_unavailable: "no endpoint serves this GPU type",
  artifact_verification_failed: "a stored file was not what the worker declared",
  internal_error: "a step of our own broke again and again",
};

export const failureInWords = (code: string): string => FAILURES[code] ?? "not explained here; see docs/errors.md";

/** How well the estimate's range holds; not claimed on fewer than ten runs. */
export function calibrationInWords({ runs, coverage }: Pick<Calibration, "runs" | "coverage">): { words: string; isCalibrated: boolean } {
  if (coverage === null) return { words: "not calibrated: no run has finished with a range", isCalibrated: false };
  const held = `inside the range in ${Math.round(coverage * 100)} % of runs`;
  const isCalibrated = coverage >= CALIBRATED && runs >= FEWEST_RUNS;
  return { words: isCalibrated ? held : `not calibrated: ${held}`, isCalibrated };
}

export function overviewSentence({ users, complete, jobs }: AdminOverview): string {
  const active = (jobs.queued ?? 0) + (jobs.initializing ?? 0) + (jobs.running ?? 0);
  const counted_ = `${counted(users, "user")}; ${active === 0 ? "nothing is at work" : active === 1 ? "one job is at work" : `${active} jobs are at work`}.`;
  return complete ? counted_ : `${counted_} Some users are not counted yet.`;
}

export function watchSentence({ at, orphans }: Pick<Watchdog, "at" | "orphans">): string {
  if (at === null) return "The watchdog has not looked yet.";
  if (orphans === 0) return "No run belongs to nobody.";
  return orphans === 1 ? "1 run belongs to no job." : `${orphans} runs belong to no job.`;
}

export const isOld = (at: string, now: Date): boolean => ageOf(at, now) > OLD_SECONDS;

export const ageOf = (at: string, now: Date): number => Math.max(0, (now.getTime() - Date.parse(at)) / 1000);

export function unreadableSentence(items: number, isMore: boolean): string {
  if (items === 0) return "Everything that waits for work can be read.";
  if (isMore) return `More than ${items} records could not be read in the last 30 days.`;
  return items === 1 ? "One record could not be read in the last 30 days." : `${items} records could not be read in the last 30 days.`;
}

export function healthSentence({ table, bucket, functions, catalog, provider_key_refused_at: refused }: Health): string {
  if (!table || !bucket) return `The ${table ? "bucket" : bucket ? "table" : "table and the bucket"} does not answer.`;
  if (refused !== null) return "The GPU provider refuses the API key.";
  const standing = Object.entries(functions).filter(([, one]) => !one.well);
  if (standing.length === 0) return catalog.problem === null ? "Everything runs." : `The catalogue that was pushed last is not used: ${catalog.problem}.`;
  if (standing.length === 1) return `${standing[0]?.[0] ?? ""} stands still.`;
  return `${standing.length} functions stand still.`;
}
