import { count, counted, duration, gpus, modelName, moment, money } from "@/lib/format";
import type { Job, JobEvent } from "./api/getJob";
import { failureOfJob } from "./failure/failures";

const SLOW_SECONDS = 300;

/** Where a job stands, in one or two sentences, by its state and stage. */
export function jobSentence(job: Job, events: JobEvent[], now: Date): string {
  const ended = ENDED[job.status];
  if (ended) return ended(job);
  if (job.status === "paused") return paused(job, now);
  if (job.stop_requested) return stopping(job);
  if (job.status === "running" && events.some((event) => event.type === "job.collecting")) {
    return "The GPU is given back. Every file is checked before the model exists.";
  }
  return (STAGES[job.current_stage] ?? queued)(job, events, now);
}

const ENDED: Partial<Record<Job["status"], (job: Job) => string>> = { completed, failed, cancelled };

const STAGES: Partial<Record<Job["current_stage"], (job: Job, events: JobEvent[], now: Date) => string>> = {
  queued_on_gpu: waiting,
  downloading_dataset: () => "A GPU is there: fetching the dataset.",
  loading_model: (job) => `Loading ${modelName(job.base_model)}; training begins in a few minutes.`,
  training,
  evaluating: () => "Trained. Now base model and adapter answer the same held-out rows.",
  saving: published,
  uploading: published,
};

function queued(job: Job): string {
  if (!job.last_error) return "Queued; it starts within a minute. Nothing is charged while it waits.";
  const from = job.checkpoint_step === null ? "It begins anew." : `It goes on after step ${count(job.checkpoint_step)}.`;
  return `Queued again: ${job.last_error.replace(/\.$/, "")}. ${from}`;
}

function waiting(job: Job, events: JobEvent[], now: Date): string {
  const said = `Waiting for ${gpus(job.gpu_config)} since ${moment(job.queued_at, now)}. Waiting costs nothing.`;
  const waited = (now.getTime() - Date.parse(job.queued_at)) / 1000;
  const why = events.find((event) => event.type === "queue.waiting");
  if (waited <= SLOW_SECONDS) return said;
  const because = why ? ` ${why.message.replace(/\.$/, "")}.` : "";
  const free = job.current_cost === 0 ? " and then has cost nothing" : "";
  const until = job.gives_up_at ? ` It gives up at ${moment(job.gives_up_at, now)}${free}.` : "";
  return `${said}${because}${until}`;
}

function training(job: Job, _events: JobEvent[], now: Date): string {
  const done = job.estimated_completion_at;
  const minutes = done ? Math.max(1, Math.round((Date.parse(done) - now.getTime()) / 60_000)) : 0;
  const when = done ? ` Done at about ${moment(done, now)}, in ${counted(minutes, "minute")}.` : "";
  const of = job.max_cost === null ? `about ${money(job.estimated_total_cost)}` : `at most ${money(job.max_cost)}`;
  return `Training, step ${count(job.current_step)} of ${count(job.total_steps)}.${when} ${money(job.current_cost)} spent of ${of}.`;
}

function published(): string {
  return "Trained and compared. The files are saved, loaded once more to prove them, and uploaded.";
}

function stopping(job: Job): string {
  if (job.stop_requested === "paused_by_user") return "Pausing: the checkpoint is kept, then the GPU is given back.";
  if (job.stop_requested === "budget_exceeded") return `Stopping, because the next report would pass ${money(job.max_cost)}.`;
  return "Stopping. The GPU is told to stop; you pay until it has.";
}

function paused(job: Job, now: Date): string {
  const why = job.pause_reason === "budget_exceeded" ? `Paused at its limit of ${money(job.max_cost)}` : "Paused";
  if (job.checkpoint_step === null) return `${why} before its first checkpoint; it will begin anew.`;
  const until = job.checkpoint_expires_at ? `by ${moment(job.checkpoint_expires_at, now)}` : "within a week";
  return `${why} after step ${count(job.checkpoint_step)}. Nothing is charged. Resume ${until}: later its checkpoint is gone and it begins anew.`;
}

function completed(job: Job): string {
  const took = job.started_at && job.completed_at ? (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1000 : null;
  return `Finished in ${duration(took)}: ${money(job.final_cost)}, estimated ${money(job.estimated_total_cost)} with storage. The model is ready.`;
}

function failed(job: Job): string {
  const where =
    job.current_step > 0
      ? `Training stopped at step ${count(job.current_step)} of ${count(job.total_steps)} and cost ${money(job.final_cost)}.`
      : `It stopped before training and cost ${money(job.final_cost)}.`;
  return `${failureOfJob(job).sentence} ${where}`;
}

function cancelled(job: Job): string {
  const by = job.stop_requested === null || job.stop_requested === "cancelled_by_user" ? "you" : job.stop_requested.replaceAll("_", " ");
  if (job.current_step === 0) return `Cancelled before training; it cost ${money(job.final_cost)}.`;
  return `Cancelled by ${by} at step ${count(job.current_step)} of ${count(job.total_steps)}; it cost ${money(job.final_cost)}.`;
}
