import { expect, test } from "vitest";
import { EVENTS } from "@/mocks/fixtures/events";
import { pageOf } from "@/mocks/fixtures/job-pages";
import { JOBS } from "@/mocks/fixtures/jobs";
import type { Job } from "./api/getJob";
import { phasesOf } from "./phases";
import { keptSteps, restartSteps, restartWords } from "./failure/restarts";

const NOW = new Date("2026-11-28T09:29:24Z");
const running = pageOf(JOBS.find((job) => job.id === "job-running")!);
const failed = pageOf(JOBS.find((job) => job.id === "job-failed")!);
const found = (page: typeof running, over: Partial<Job> = {}) => phasesOf({ ...page.job, ...over }, page.phases, page.attempts);

test("the phases add up to the GPU time, and their costs to what the server charges", () => {
  const { phases, gpuSeconds } = found(running)!;
  const costs = phases.reduce((sum, phase) => sum + phase.cost, 0);
  const gpu = phases.filter((phase) => phase.name !== "waiting").reduce((sum, phase) => sum + phase.seconds, 0);
  expect(costs).toBeCloseTo(2.04, 6);
  expect(gpu).toBe(gpuSeconds);
  expect(gpuSeconds).toBe(1052);
});

test("waiting is free, also a second time, and being sent off is part of the wait", () => {
  expect(found(running)!.phases[0]).toMatchObject({ name: "waiting", cost: 0, times: 2, seconds: 132, state: "done" });
});

test("what is not billed yet is reckoned with the price of the GPUs that the attempt got", () => {
  const attempts = running.attempts.map((one) => ({ ...one, hourly_rate_usd: 36, gpu_count: 1 }));
  const billed = ((3 + 91 + 457 + 3 + 88) / 3600) * 7;
  const { phases } = phasesOf({ ...running.job, current_cost: billed + 4.1 }, running.phases, attempts)!;
  expect(phases.find(({ name }) => name === "training")!.cost).toBeCloseTo((457 / 3600) * 7 + 4.1, 6);
});

test("of a failed job the phase it stopped in is marked, and what was never begun", () => {
  const states = found(failed)!.phases.map((phase) => [phase.name, phase.state]);
  expect(Object.fromEntries(states)).toMatchObject({ training: "stopped", evaluating: "never", loading_model: "done" });
});

test("phases that do not add up to what an ended job cost are not shown, nor is there anything of a job without", () => {
  expect(found(failed, { final_cost: 5 })).toBeNull();
  expect(phasesOf(running.job, [], [])).toBeNull();
});

test("what storing the model costs is no GPU time, and the phases of an ended job add up without it", () => {
  const { job, phases, attempts } = failed;
  const stored = phasesOf({ ...job, final_cost: 1.68 }, phases, attempts, 0.5)!;
  expect(stored.cost).toBeCloseTo(1.18, 6);
  expect(stored.stored).toBe(0.5);
});

test("an attempt tells where it went on, and the log which checkpoints are kept", () => {
  expect(restartSteps(running.attempts)).toEqual([1121]);
  expect(keptSteps(EVENTS["job-running"]!)).toEqual([560, 1121, 1680, 2242]);
});

test("a restart says when, why, and that waiting was free", () => {
  const words = restartWords(running.attempts, EVENTS["job-running"]!, NOW);
  expect(words).toEqual(["At 09:20: RunPod says failed. Another GPU took over after 56 seconds and went on from the checkpoint after step 1,121. Waiting cost nothing."]);
});
