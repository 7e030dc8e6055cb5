import { counted, money, monthName } from "@/lib/format";
import type { Budget } from "@/features/account/api/getLimits";
import type { Costs, Span } from "./api/getCosts";
import { dayName } from "./bars";

export type Period = NonNullable<Span["period"]>;

interface Asked {
  period?: Period;
  start?: string;
  end?: string;
}

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const IN_WORDS: Record<Period, string> = { week: "the last 7 days", month: "the last 30 days", year: "the last year" };
const THESE: Record<Period, string> = { week: "these 7 days", month: "these 30 days", year: "this year" };

/** What the address asks for; two days go before a period. */
export function spanOf({ period = "month", start, end }: Asked): Span {
  const isDay = (value: string | undefined): value is string => value !== undefined && ISO_DAY.test(value);
  if (!isDay(start) && !isDay(end)) return { period };
  return { ...(isDay(start) ? { start_date: start } : {}), ...(isDay(end) ? { end_date: end } : {}) };
}

export const isDates = (span: Span): boolean => Boolean(span.start_date ?? span.end_date);

const among = (span: Span, costs: Costs, words: Record<Period, string>, before = "in"): string =>
  isDates(span) ? `from ${dayName(costs.start_date)} to ${dayName(costs.end_date)}` : `${before} ${words[span.period ?? "month"]}`;

/** What was spent, on what, and what is left. */
export function costsSentence(span: Span, costs: Costs, budget: Budget | undefined): string {
  return [spent(span, costs), left(budget)].filter(Boolean).join(" ");
}

function spent(span: Span, costs: Costs): string {
  const when = among(span, costs, IN_WORDS);
  if (costs.total_cost === 0) return `You spent nothing ${when}.`;
  const compute = costs.cost_by_type.training_compute ?? 0;
  const share = compute === costs.total_cost ? "all of it" : `${money(compute)} of it`;
  return `You spent ${money(costs.total_cost)} ${when}, ${share} on GPU time.`;
}

function left(budget: Budget | undefined): string {
  if (!budget) return "";
  if (budget.monthly_limit === null) return "No monthly limit is set.";
  return `${money(budget.remaining)} of this month’s ${money(budget.monthly_limit)} are free.`;
}

export const nothingSpent = (span: Span, costs: Costs): string => `Nothing was spent ${among(span, costs, THESE)}.`;

/** From the percentage at which one is warned; nothing before. */
export function limitWarning(budget: Budget | undefined): string | null {
  if (!budget?.monthly_limit) return null;
  const share = Math.floor((budget.spent / budget.monthly_limit) * 100);
  if (share < Math.min(...budget.warn_at_percent)) return null;
  const start = `${share} % of ${monthName(budget.month)}’s limit are spent`;
  return share >= 100 ? `${start}; no new job starts before next month.` : `${start}; at 100 % no new job starts.`;
}

/** What a start after its end is told, at the field; nothing where both are in order. */
export function wrongDates(start: string, end: string): string | null {
  if (!ISO_DAY.test(start) || !ISO_DAY.test(end)) return "Choose a first and a last day.";
  return start > end ? `The first day is after the last, ${dayName(end)}.` : null;
}

export const jobsInWords = (jobs: number): string => counted(jobs, "job");
