import { describe, expect, test } from "vitest";
import type { Budget } from "@/features/account/api/getLimits";
import { costsOf } from "@/mocks/fixtures/costs";
import { barsOf, spanName, ticksOf } from "./bars";
import { costsSentence, limitWarning, nothingSpent, spanOf, wrongDates } from "./span";

const budget: Budget = { month: "2026-11", monthly_limit: 100, spent: 41.85, committed: 27.29, remaining: 30.86, warn_at_percent: [80, 100] };
const month = costsOf(new URLSearchParams("period=month"), false);
const year = costsOf(new URLSearchParams("period=year"), false);
const sum = (amounts: { amount: number }[]) => Math.round(amounts.reduce((total, one) => total + one.amount, 0) * 100) / 100;

describe("the sentence of the costs", () => {
  test("says what was spent, on what, and what is left", () => {
    expect(costsSentence({ period: "month" }, month, budget)).toBe(
      "You spent $41.85 in the last 30 days, all of it on GPU time. $30.86 of this month’s $100.00 are free.",
    );
  });

  test("more than GPU time, days of one's own, and no limit", () => {
    const mixed = { ...month, cost_by_type: { training_compute: 40, storage: 1.85 } };
    expect(costsSentence({ start_date: "2026-10-30", end_date: "2026-11-28" }, mixed, { ...budget, monthly_limit: null, remaining: null })).toBe(
      "You spent $41.85 from 30 Oct to 28 Nov, $40.00 of it on GPU time. No monthly limit is set.",
    );
  });

  test("nothing is said as nothing", () => {
    const none = costsOf(new URLSearchParams("period=month"), true);
    expect(costsSentence({ period: "month" }, none, undefined)).toBe("You spent nothing in the last 30 days.");
    expect(nothingSpent({ period: "month" }, none)).toBe("Nothing was spent in these 30 days.");
  });
});

test("one is warned from the percentage on, and not before", () => {
  expect(limitWarning(budget)).toBeNull();
  expect(limitWarning({ ...budget, spent: 84.3 })).toBe("84 % of November’s limit are spent; at 100 % no new job starts.");
  expect(limitWarning({ ...budget, spent: 101 })).toContain("no new job starts before next month");
  expect(limitWarning({ ...budget, monthly_limit: null })).toBeNull();
});

describe("what the address asks for", () => {
  test("two days go before a period, and what is no day is as if absent", () => {
    expect(spanOf({ period: "week", start: "2026-11-01", end: "2026-11-20" })).toEqual({ start_date: "2026-11-01", end_date: "2026-11-20" });
    expect(spanOf({ start: "yesterday" })).toEqual({ period: "month" });
  });

  test("a start after its end is told at the field", () => {
    expect(wrongDates("2026-11-20", "2026-11-01")).toBe("The first day is after the last, 1 Nov.");
    expect(wrongDates("2026-11-01", "2026-11-01")).toBeNull();
    expect(wrongDates("", "2026-11-01")).not.toBeNull();
  });
});

describe("bars", () => {
  test("a month has a bar a day, a year one a week, and both add up to the total", () => {
    expect(barsOf(month.chart_data)).toHaveLength(30);
    expect(barsOf(year.chart_data)).toHaveLength(53);
    expect(sum(barsOf(month.chart_data))).toBe(month.total_cost);
    expect(sum(barsOf(year.chart_data))).toBe(year.total_cost);
  });

  test("names under them begin and end with the span and keep their distance", () => {
    const ticks = ticksOf(barsOf(month.chart_data), 2);
    expect(ticks.map((tick) => tick.label)).toEqual(["30 Oct", "1 Nov", "7", "14", "21", "28 Nov"]);
    const crowded = ticksOf(barsOf(month.chart_data), 6).map((tick) => tick.at);
    expect(crowded.slice(1).every((at, n) => at - (crowded[n] ?? 0) >= 6)).toBe(true);
  });

  test("a span across two years names both", () => {
    expect(spanName("2026-10-30", "2026-11-28")).toBe("30 October to 28 November");
    expect(spanName("2025-11-29", "2026-11-28")).toBe("29 November 2025 to 28 November 2026");
  });
});
