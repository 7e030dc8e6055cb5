/** How often a page asks again. A hidden tab never asks (TanStack Query sees to it); what has ended is not asked about. */
const SECOND = 1000;

export const EVERY = { job: 5 * SECOND, list: 15 * SECOND, dataset: 3 * SECOND, datasetLong: 10 * SECOND, account: 60 * SECOND, admin: 30 * SECOND };
const DATASET_SHORT = 120 * SECOND;

const ACTIVE_JOB = ["queued", "initializing", "running"];
const ACTIVE_DATASET = ["uploading", "validating"];

export function jobInterval(job: { status: string; stop_requested: string | null } | undefined): number | false {
  if (!job) return false;
  return isActiveJob(job) ? EVERY.job : false;
}

export function isActiveJob(job: { status: string; stop_requested?: string | null }): boolean {
  const stopping = Boolean(job.stop_requested) && !hasEnded(job.status) && job.status !== "paused";
  return ACTIVE_JOB.includes(job.status) || stopping;
}

export function hasEnded(status: string): boolean {
  return ["completed", "failed", "cancelled"].includes(status);
}

/** Quickly at first, then more slowly; `since` is when this page began to look. */
export function datasetInterval(status: string | undefined, since: number, now: number): number | false {
  if (!status || !ACTIVE_DATASET.includes(status)) return false;
  return now - since < DATASET_SHORT ? EVERY.dataset : EVERY.datasetLong;
}

export function listInterval(rows: readonly { status: string }[] | undefined): number | false {
  const active = rows?.some((row) => ACTIVE_JOB.includes(row.status) || ACTIVE_DATASET.includes(row.status));
  return active ? EVERY.list : false;
}
