import { describe, expect, test } from "vitest";
import { JOBS } from "@/mocks/fixtures/jobs";
import type { Job, JobEvent } from "./api/getJob";
import { failureOfJob, whyNotAgain } from "./failure/failures";
import { jobSentence } from "./sentence";

const NOW = new Date("2026-11-28T09:29:00Z");
const running = JOBS.find((job) => job.id === "job-running")!;
const failed = JOBS.find((job) => job.id === "job-failed")!;
const say = (over: Partial<Job>, of: Job = running) => jobSentence({ ...of, ...over }, [], NOW);

describe("where a job stands", () => {
  test.each<[Partial<Job>, string]>([
    [{}, "Training, step 2,310 of 3,363. Done at about 09:38, in 9 minutes. $2.04 spent of at most $9.00."],
    [{ max_cost: null, estimated_completion_at: null }, "Training, step 2,310 of 3,363. $2.04 spent of about $7.79."],
    [{ status: "queued", current_stage: "queued", last_error: null }, "Queued; it starts within a minute. Nothing is charged while it waits."],
    [{ status: "queued", current_stage: "queued" }, "Queued again: RunPod says failed. It goes on after step 2,242."],
    [{ status: "initializing", current_stage: "queued_on_gpu", queued_at: "2026-11-28T09:27:48Z" }, "Waiting for 2× A100 80GB since 09:27. Waiting costs nothing."],
    [{ current_stage: "downloading_dataset" }, "A GPU is there: fetching the dataset."],
    [{ current_stage: "saving" }, "Trained and compared. The files are saved, loaded once more to prove them, and uploaded."],
    [{ current_stage: "uploading" }, "Trained and compared. The files are saved, loaded once more to prove them, and uploaded."],
    [{ current_stage: "loading_model" }, "Loading Qwen3 8B; training begins in a few minutes."],
    [{ current_stage: "evaluating" }, "Trained. Now base model and adapter answer the same held-out rows."],
    [{ stop_requested: "cancelled_by_user" }, "Stopping. The GPU is told to stop; you pay until it has."],
    [{ stop_requested: "paused_by_user" }, "Pausing: the checkpoint is kept, then the GPU is given back."],
    [{ stop_requested: "budget_exceeded" }, "Stopping, because the next report would pass $9.00."],
    [{ status: "paused" }, "Paused after step 2,242. Nothing is charged. Resume within a week: later its checkpoint is gone and it begins anew."],
    [{ status: "paused", checkpoint_expires_at: "2026-12-02T11:40:00Z" }, "Paused after step 2,242. Nothing is charged. Resume by 2 Dec, 11:40: later its checkpoint is gone and it begins anew."],
    [{ status: "paused", pause_reason: "budget_exceeded" }, "Paused at its limit of $9.00 after step 2,242. Nothing is charged. Resume within a week: later its checkpoint is gone and it begins anew."],
    [{ status: "initializing", current_stage: "queued_on_gpu", queued_at: "2026-11-28T09:20:00Z", gives_up_at: "2026-11-28T11:20:00Z", current_cost: 0 }, "Waiting for 2× A100 80GB since 09:20. Waiting costs nothing. It gives up at 11:20 and then has cost nothing."],
    [{ status: "initializing", current_stage: "queued_on_gpu", queued_at: "2026-11-28T09:20:00Z", gives_up_at: "2026-11-28T11:20:00Z" }, "Waiting for 2× A100 80GB since 09:20. Waiting costs nothing. It gives up at 11:20."],
    [{ status: "paused", checkpoint_step: null }, "Paused before its first checkpoint; it will begin anew."],
    [{ status: "cancelled", final_cost: 2.1 }, "Cancelled by you at step 2,310 of 3,363; it cost $2.10."],
    [{ status: "cancelled", current_step: 0, final_cost: 0 }, "Cancelled before training; it cost $0.00."],
    [{ status: "completed", started_at: "2026-11-28T08:00:00Z", completed_at: "2026-11-28T09:04:00Z", final_cost: 7.42 }, "Finished in 1 h 04 min: $7.42, estimated $7.79 with storage. The model is ready."],
  ])("%# word for word", (over, sentence) => {
    expect(say(over)).toBe(sentence);
  });

  test("a worker that has finished is told from one that uploads", () => {
    const event: JobEvent = { job_id: "job-running", id: "e", time: "2026-11-28T09:28:00Z", type: "job.collecting", level: "info", message: "", actor: "platform" };
    expect(jobSentence(running, [event], NOW)).toBe("The GPU is given back. Every file is checked before the model exists.");
  });

  test("a failure says where it stopped, and before the first step that it cost nothing of training", () => {
    expect(say({}, failed)).toMatch(/ Training stopped at step 1,604 of 11,205 and cost \$1\.18\.$/);
    expect(say({ current_step: 0, final_cost: 0.2 }, failed)).toMatch(/ It stopped before training and cost \$0\.20\.$/);
  });

  test("a wait of more than five minutes is explained by the newest reason", () => {
    const why = { job_id: "j", id: "e", time: "2026-11-28T09:28:00Z", type: "queue.waiting", message: "No worker is free" };
    const slow = { ...running, status: "initializing", current_stage: "queued_on_gpu", queued_at: "2026-11-28T09:20:00Z" } as const;
    expect(jobSentence(slow, [why], NOW)).toContain("No worker is free.");
  });
});

const CODES = (
  "out_of_memory bad_dataset dataset_checksum bad_configuration no_trainable_rows base_model_unavailable base_model_gated base_model_unsupported " +
  "chat_template_missing context_too_short disk_too_small non_finite_loss verification_failed upload_failed trainer_crashed stopped budget_exceeded " +
  "deadline_exceeded queue_timeout attempts_exhausted provider_refused gpu_unavailable artifact_verification_failed internal_error"
).split(" ");

test.each([...CODES, "a_code_nobody_has_heard_of"])("%s has a sentence and a way out", (code) => {
  const failure = failureOfJob({ ...failed, error_code: code });
  expect(failure.sentence).toMatch(/^[A-Z0-9].*\.$/);
  expect(failure.ways.length).toBeGreaterThan(0);
});

test("every code of docs/errors.md is known by name", () => {
  const unknown = CODES.filter((code) => failureOfJob({ ...failed, error_code: code }).sentence.startsWith("It failed:"));
  expect(unknown).toEqual([]);
});

test("an unknown code is said in the API's own words", () => {
  expect(failureOfJob({ ...failed, error_code: "new", error_message: "the moon was full" }).sentence).toBe("It failed: the moon was full.");
});

test("what is kept stands beside why it was not tried again", () => {
  expect(whyNotAgain(failed)).toContain("The checkpoint after step 1,530 is kept");
});
