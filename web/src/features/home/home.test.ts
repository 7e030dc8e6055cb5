import { describe, expect, test } from "vitest";
import { DATASETS } from "@/mocks/fixtures/datasets";
import { JOBS } from "@/mocks/fixtures/jobs";
import { MODELS } from "@/mocks/fixtures/models";
import { nextSteps } from "./next-steps";
import { homeSentence } from "./sentence";

const NOW = new Date("2026-11-28T09:29:00Z");
const running = { status: "running", estimated_completion_at: "2026-11-28T09:38:00Z" } as const;
const waiting = { status: "queued", estimated_completion_at: null } as const;

describe("the sentence of the first page", () => {
  test.each([
    [{ failed: 0, atWork: [], datasetsWithErrors: 0 }, "Nothing is running. Everything you have is ready."],
    [{ failed: 0, atWork: [running], datasetsWithErrors: 1 }, "One job is training and will be done at about 09:38. One dataset has errors that you can mend."],
    [{ failed: 2, atWork: [waiting, waiting], datasetsWithErrors: 3 }, "2 jobs failed. 2 jobs are at work."],
    [{ failed: 0, atWork: [{ ...waiting, status: "paused" as const }], datasetsWithErrors: 2 }, "2 datasets have errors that you can mend."],
  ])("%# says the most urgent, in at most two parts", (facts, sentence) => {
    expect(homeSentence(facts, NOW)).toBe(sentence);
  });
});

test("what to do next is at most three: failures first, then errors, then unfinished uploads", () => {
  expect(nextSteps(JOBS, DATASETS, MODELS, NOW).map((step) => step.action)).toEqual(["See why", "See the rows", "Go on"]);
});

test("a failure is old news after three days, and a dataset that was trained on is no next step", () => {
  const later = new Date("2026-12-02T09:00:00Z");
  expect(nextSteps(JOBS, DATASETS, MODELS, later).map((step) => step.id)).not.toContain("job-failed");
  expect(nextSteps(JOBS, DATASETS, [], later).map((step) => step.id)).not.toContain("ds-claims");
});
