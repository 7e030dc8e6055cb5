import { expect, test } from "vitest";
import { datasetInterval, jobInterval, listInterval } from "./polling";

const job = (status: string, stop_requested: string | null = null) => ({ status, stop_requested });

test.each(["queued", "initializing", "running"])("a job that is %s is asked about each 5 s", (status) => {
  expect(jobInterval(job(status))).toBe(5000);
});

test.each(["paused", "completed", "failed", "cancelled"])("a job that is %s is not asked about", (status) => {
  expect(jobInterval(job(status))).toBe(false);
  expect(jobInterval(job(status, "cancelled_by_user"))).toBe(false);
});

test("a job that is told to stop is asked about until it has", () => {
  expect(jobInterval(job("running", "paused_by_user"))).toBe(5000);
});

test("a dataset being read is asked about each 3 s, after two minutes each 10 s", () => {
  expect(datasetInterval("validating", 0, 119_000)).toBe(3000);
  expect(datasetInterval("validating", 0, 121_000)).toBe(10_000);
  expect(datasetInterval("ready", 0, 1000)).toBe(false);
});

test("a list is asked for again only while something in it is at work", () => {
  expect(listInterval([{ status: "completed" }, { status: "running" }])).toBe(15_000);
  expect(listInterval([{ status: "completed" }])).toBe(false);
  expect(listInterval(undefined)).toBe(false);
});
