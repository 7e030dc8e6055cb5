import { expect, test } from "vitest";
import { EVENTS } from "@/mocks/fixtures/events";
import { JOBS } from "@/mocks/fixtures/jobs";
import { keptSteps, phasesOf, restartSteps } from "./phases";
import { restartWords } from "./restarts";

const NOW = new Date("2026-11-28T09:29:24Z");
const running = JOBS.find((job) => job.id === "job-running")!;
const failed = JOBS.find((job) => job.id === "job-failed")!;

test("the phases add up to the GPU time, and their costs to what the server charges", () => {
  const found = phasesOf(running, EVENTS["job-running"]!, NOW)!;
  const costs = found.phases.reduce((sum, phase) => sum + phase.cost, 0);
  const gpu = found.phases.filter((phase) => phase.name !== "waiting").reduce((sum, phase) => sum + phase.seconds, 0);
  expect(costs).toBeCloseTo(running.current_cost, 6);
  expect(gpu).toBe(found.gpuSeconds);
});

test("waiting is free, also a second time", () => {
  const waiting = phasesOf(running, EVENTS["job-running"]!, NOW)!.phases[0];
  expect(waiting).toMatchObject({ name: "waiting", cost: 0, times: 2, state: "done" });
});

test("of a failed job the phase it stopped in is marked, and what was never begun", () => {
  const states = phasesOf(failed, EVENTS["job-failed"]!, NOW)!.phases.map((phase) => [phase.name, phase.state]);
  expect(Object.fromEntries(states)).toMatchObject({ training: "stopped", evaluating: "never", loading_model: "done" });
});

test("phases that do not add up to what an ended job cost are not shown", () => {
  expect(phasesOf({ ...failed, final_cost: 5 }, EVENTS["job-failed"]!, NOW)).toBeNull();
});

test("restarts and kept checkpoints are read out of the events", () => {
  expect(restartSteps(EVENTS["job-running"]!)).toEqual([1121]);
  expect(keptSteps(EVENTS["job-running"]!)).toEqual([560, 1121, 1680, 2242]);
});

test("a restart says when, why, and that waiting was free", () => {
  const words = restartWords([{ number: 2, started_at: "2026-11-28T09:21:03Z" } as never], EVENTS["job-running"]!, NOW);
  expect(words).toEqual(["At 09:20: RunPod says failed. Another GPU took over after 56 seconds and went on from the checkpoint after step 1,121. Waiting cost nothing."]);
});
