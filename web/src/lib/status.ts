/** Which word and which colour a state has. The word always stands beside the colour. */
export type Tone = "wait" | "prep" | "run" | "good" | "bad" | "rest";
export interface Mark {
  word: string;
  tone: Tone;
}

const mark = (word: string, tone: Tone): Mark => ({ word, tone });

const DATASET: Record<string, Mark> = {
  uploading: mark("Uploading", "wait"),
  validating: mark("Validating", "prep"),
  ready: mark("Ready", "good"),
  error: mark("Has errors", "bad"),
};
const JOB: Record<string, Mark> = {
  queued: mark("Queued", "wait"),
  initializing: mark("Starting", "prep"),
  running: mark("Running", "run"),
  paused: mark("Paused", "rest"),
  completed: mark("Completed", "good"),
  failed: mark("Failed", "bad"),
  cancelled: mark("Cancelled", "rest"),
};
const MODEL: Record<string, Mark> = {
  stored: mark("Stored", "rest"),
  testing: mark("Testing", "prep"),
  production: mark("Production", "good"),
  archived: mark("Archived", "rest"),
};

const unknown = (status: string): Mark => mark(status, "rest");

export function datasetMark(dataset: { status: string; training_ready: boolean }): Mark {
  if (dataset.status === "ready" && !dataset.training_ready) return mark("Stored only", "rest");
  return DATASET[dataset.status] ?? unknown(dataset.status);
}

export function jobMark(job: { status: string; current_stage?: string; stop_requested?: string | null }): Mark {
  const known = JOB[job.status] ?? unknown(job.status);
  if (job.stop_requested && ["wait", "prep", "run"].includes(known.tone)) return mark("Stopping", "prep");
  if (job.current_stage === "queued_on_gpu" && ["wait", "prep"].includes(known.tone)) return mark("Waiting for a GPU", "wait");
  return known;
}

export function jobStatusWord(status: string): string {
  return (JOB[status] ?? unknown(status)).word;
}

export function modelMark(status: string): Mark {
  return MODEL[status] ?? unknown(status);
}
