import { gpus, modelName, money } from "@/lib/format";
import type { Job } from "@/features/jobs/api/getJob";

type Way = "bigger-gpu" | "shorter-rows" | "retry" | "dataset" | "half-rate" | "configure" | "raise-limit" | "other-gpu" | "admin";

interface Failure {
  sentence: (job: Job) => string;
  ways: Way[];
}

const say = (sentence: string, ...ways: Way[]): Failure => ({ sentence: () => sentence, ways });

const FAILURES: Record<string, Failure> = {
  out_of_memory: say("The GPU’s memory did not suffice, also with smaller steps.", "bigger-gpu", "shorter-rows", "retry"),
  bad_dataset: say("A row could not be read.", "dataset", "shorter-rows"),
  no_trainable_rows: say("No row is left to train on.", "dataset", "configure"),
  context_too_short: {
    sentence: (job) => `The longest row allowed is more than ${modelName(job.base_model)} can take.`,
    ways: ["shorter-rows", "configure"],
  },
  non_finite_loss: say("The loss became infinite twice, also from the last checkpoint.", "half-rate", "configure"),
  bad_configuration: say("The worker refused the order.", "configure"),
  base_model_unsupported: say("This kind of model cannot be trained here.", "configure"),
  chat_template_missing: say("The base model has no chat template that can be trained with.", "configure"),
  base_model_gated: say("The base model wants its licence accepted.", "configure"),
  base_model_unavailable: say("The base model’s files could not be had.", "retry", "configure"),
  budget_exceeded: {
    sentence: (job) => `It would have cost more than the ${money(job.max_cost)} you allowed.`,
    ways: ["raise-limit"],
  },
  deadline_exceeded: say("The longest time a job may take is over.", "retry", "other-gpu"),
  stopped: say("The worker stopped without being asked.", "retry", "other-gpu"),
  attempts_exhausted: say("Each attempt lost its worker.", "retry", "other-gpu"),
  trainer_crashed: say("The training process ended unexpectedly.", "retry", "other-gpu"),
  upload_failed: say("The files could not be stored.", "retry", "other-gpu"),
  internal_error: say("A step of our own broke again and again.", "retry", "other-gpu"),
  queue_timeout: say("No GPU came in time; it cost nothing.", "other-gpu", "retry"),
  gpu_unavailable: { sentence: (job) => `${gpus(job.gpu_config)} is not offered here.`, ways: ["other-gpu"] },
  verification_failed: say("The saved adapter did not give the same answers again, so it was not published.", "retry"),
  artifact_verification_failed: say("A stored file was not what was declared.", "retry"),
  dataset_checksum: say("The dataset arrived changed.", "retry"),
  disk_too_small: say("The worker’s disk is too small.", "admin"),
  provider_refused: say("RunPod refused the run.", "admin"),
};

/** A code that is not known here still gives a whole page. */
export function failureOfJob(job: Job): { sentence: string; ways: Way[] } {
  const known = FAILURES[job.error_code ?? ""];
  if (known) return { sentence: known.sentence(job), ways: known.ways };
  const words = (job.error_message ?? "it says no reason").replace(/\.$/, "");
  return { sentence: `It failed: ${words}.`, ways: ["retry"] };
}

const NOT_AGAIN = new Set(["out_of_memory", "bad_dataset", "no_trainable_rows", "context_too_short", "non_finite_loss", "bad_configuration", "base_model_unsupported", "chat_template_missing", "base_model_gated"]);

/** Why it was or was not tried again by itself, and what is kept. */
export function whyNotAgain(job: Job): string {
  const again = NOT_AGAIN.has(job.error_code ?? "")
    ? "It was not tried again by itself: the same order would end the same way."
    : job.retry_count > 0
      ? `It was tried ${job.retry_count + 1} times by itself.`
      : "It was not tried again by itself.";
  const kept = job.checkpoint_step === null ? "There is no checkpoint" : `The checkpoint after step ${job.checkpoint_step.toLocaleString("en-US")} is kept for a week`;
  return `${again} ${kept}, and your dataset is as it was.`;
}
