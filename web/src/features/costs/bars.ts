import { day, monthName } from "@/lib/format";
import type { Costs } from "./api/getCosts";

type Day = Costs["chart_data"][number];

export interface Bar {
  /** The first day of the bar. */
  from: string;
  to: string;
  amount: number;
}

const DAYS_A_WEEK = 7;
const MOST_DAYS = 92;

export const isByWeek = (days: readonly Day[]): boolean => days.length > MOST_DAYS;

/** One bar a day; beyond three months one a week, and the bars add up to the days. */
export function barsOf(days: readonly Day[]): Bar[] {
  const size = isByWeek(days) ? DAYS_A_WEEK : 1;
  const bars: Bar[] = [];
  for (let first = 0; first < days.length; first += size) {
    const week = days.slice(first, first + size);
    const cents = week.reduce((sum, one) => sum + Math.round(one.amount * 10_000), 0);
    bars.push({ from: week[0]?.date ?? "", to: week.at(-1)?.date ?? "", amount: cents / 10_000 });
  }
  return bars;
}

/** A day without an hour is the same day everywhere: its noon here, so that no time zone moves it. */
export const dayName = (date: string): string => day(`${date}T12:00:00`);

export const barName = ({ from, to }: Bar): string => (from === to ? dayName(from) : `${dayName(from)} to ${dayName(to)}`);

/** "30 October to 28 November"; the year where the two differ. */
export function spanName(from: string, to: string): string {
  const isOneYear = from.slice(0, 4) === to.slice(0, 4);
  const named = (date: string) => `${Number(date.slice(8, 10))} ${monthName(date)}${isOneYear ? "" : ` ${date.slice(0, 4)}`}`;
  return from === to ? named(from) : `${named(from)} to ${named(to)}`;
}

interface Tick {
  at: number;
  label: string;
}

/** Names under the bars: the ends and the first of a month before weeks; none nearer to another than `room` bars. */
export function ticksOf(bars: readonly Bar[], room: number): Tick[] {
  const last = bars.length - 1;
  const wanted = [0, last, ...indices(bars, startsMonth), ...indices(bars, (bar) => [7, 14, 21].includes(dateOf(bar)))];
  const taken: number[] = [];
  for (const at of wanted) {
    if (at >= 0 && taken.every((other) => Math.abs(other - at) >= room)) taken.push(at);
  }
  const isMonthNamed = (at: number) => at === 0 || at === last || startsMonth(bars[at], at, bars) || bars[at]?.from !== bars[at]?.to;
  return taken.sort((a, b) => a - b).map((at) => ({ at, label: isMonthNamed(at) ? shortDay(bars[at]) : String(dateOf(bars[at])) }));
}

const shortDay = (bar: Bar | undefined): string => `${dateOf(bar)} ${monthName(bar?.from).slice(0, 3)}`;
const dateOf = (bar: Bar | undefined): number => Number(bar?.from.slice(8, 10));
const monthOf = (bar: Bar | undefined): string => bar?.from.slice(0, 7) ?? "";

function startsMonth(bar: Bar | undefined, at: number, bars: readonly Bar[]): boolean {
  return at > 0 && monthOf(bar) !== monthOf(bars[at - 1]);
}

function indices(bars: readonly Bar[], fits: (bar: Bar, at: number, bars: readonly Bar[]) => boolean): number[] {
  return bars.flatMap((bar, at) => (fits(bar, at, bars) ? [at] : []));
}
