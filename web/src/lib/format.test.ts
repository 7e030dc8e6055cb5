import { describe, expect, test } from "vitest";
import * as f from "./format";

const NOW = new Date("2026-11-28T09:29:00Z");

describe("money", () => {
  test.each([
    [1234.5, "$1,234.50"],
    [0, "$0.00"],
    [0.004, "under $0.01"],
    [0.01, "$0.01"],
    [-3, "−$3.00"],
    [null, "–"],
    [Number.NaN, "–"],
    [undefined, "–"],
  ])("%s is written %s", (value, text) => {
    expect(f.money(value)).toBe(text);
  });
});

test.each([
  [24, "24 s"],
  [59.6, "1 min"],
  [860, "14 min 20 s"],
  [1860, "31 min"],
  [3720, "1 h 02 min"],
  [0, "0 s"],
  [null, "–"],
])("%s seconds are written %s", (seconds, text) => {
  expect(f.duration(seconds)).toBe(text);
});

test("a time reckoned ahead does not pretend seconds", () => {
  expect(f.durationAhead(1875)).toBe("31 min");
  expect(f.durationAhead(24)).toBe("24 s");
});

test.each([
  [3720, "an hour"],
  [5400, "an hour and a half"],
  [1800, "half an hour"],
  [20, "less than a minute"],
  [10_800, "3 hours"],
])("%s seconds are said as %s", (seconds, text) => {
  expect(f.durationInWords(seconds)).toBe(text);
});

test("a screen reader hears hours and minutes", () => {
  expect(f.durationSpoken(3720)).toBe("1 hour 2 minutes");
});

test.each([
  ["2026-11-28T09:38:00Z", "09:38"],
  ["2026-11-29T09:12:00Z", "tomorrow, 09:12"],
  ["2026-11-27T16:42:09Z", "27 Nov, 16:42"],
  ["2025-11-27T16:42:09Z", "27 Nov 2025"],
  ["rubbish", "–"],
  [null, "–"],
])("the moment %s is written %s", (iso, text) => {
  expect(f.moment(iso, NOW)).toBe(text);
});

test.each([
  [87_300_000, "87.3 MB"],
  [1_700, "1.7 kB"],
  [368, "368 B"],
  [null, "–"],
])("%s bytes are written %s", (value, text) => {
  expect(f.bytes(value)).toBe(text);
});

test("a limit of bytes is a round number", () => {
  expect(f.bytesLimit(500_000_000)).toBe("500 MB");
});

test("rates are plain, losses have two places, a GPU has no hyphen", () => {
  expect(f.rate(0.00005)).toBe("0.00005");
  expect(f.loss(1.1449)).toBe("1.14");
  expect(f.gpus({ type: "A100-80GB", count: 2 })).toBe("2× A100 80GB");
  expect(f.modelName("Qwen/Qwen3-8B")).toBe("Qwen3 8B");
});
