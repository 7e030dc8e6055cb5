/** The only place that turns a number or a moment into text. What is absent is "–", never 0 and never NaN. */

export const ABSENT = "–";
type Maybe = number | null | undefined;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_WHOLE = "January February March April May June July August September October November December".split(" ");
const counting = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const twoPlaces = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const known = (value: Maybe): value is number => typeof value === "number" && Number.isFinite(value);

/** `$1,234.50`; what is not nothing but less than a cent says so. */
export function money(value: Maybe): string {
  if (!known(value)) return ABSENT;
  const size = Math.abs(value);
  if (size > 0 && size < 0.01) return "under $0.01";
  return `${value < 0 ? "−" : ""}$${twoPlaces.format(size)}`;
}

export function count(value: Maybe): string {
  return known(value) ? counting.format(value) : ABSENT;
}

/** `1 row`, `2 rows`; the plural may be irregular. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function percent(share: Maybe): string {
  return known(share) ? `${counting.format(share)} %` : ABSENT;
}

/** Powers of ten: `368 B`, `1.7 kB`, `87.3 MB`. */
export function bytes(value: Maybe): string {
  if (!known(value)) return ABSENT;
  if (value < 1000) return `${counting.format(value)} B`;
  const step = Math.min(4, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** step).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][step] ?? "TB"}`;
}

/** A limit is a round number: `500 MB`. */
export function bytesLimit(value: Maybe): string {
  return bytes(value).replace(".0 ", " ");
}

/** Time spent: `24 s`, `14 min 20 s`, `1 h 02 min`. */
export function duration(seconds: Maybe): string {
  if (!known(seconds)) return ABSENT;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${counting.format(hours)} h ${String(minutes).padStart(2, "0")} min`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** Time reckoned ahead: seconds above five minutes would be pretended. */
export function durationAhead(seconds: Maybe): string {
  if (!known(seconds) || seconds < 300) return duration(seconds);
  return duration(Math.round(seconds / 60) * 60);
}

/** For a sentence: "an hour", "20 minutes", "an hour and a half". */
export function durationInWords(seconds: Maybe): string {
  if (!known(seconds)) return ABSENT;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  if (minutes === 1) return "a minute";
  if (minutes < 25) return `${minutes} minutes`;
  if (minutes <= 35) return "half an hour";
  if (minutes < 55) return `${minutes} minutes`;
  if (minutes <= 75) return "an hour";
  if (minutes <= 105) return "an hour and a half";
  return counted(Math.round(minutes / 60), "hour");
}

/** For a screen reader: "1 hour 2 minutes". */
export function durationSpoken(seconds: Maybe): string {
  if (!known(seconds)) return "unknown";
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return counted(Math.round(seconds), "second");
  const hours = Math.floor(minutes / 60);
  const rest = counted(minutes % 60, "minute");
  return hours > 0 ? `${counted(hours, "hour")} ${rest}` : rest;
}

const asDate = (iso: string | null | undefined): Date | null => {
  if (!iso) return null;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
};
const two = (value: number): string => String(value).padStart(2, "0");
const clockOf = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}`;
const dayOf = (date: Date): string => `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;

/** Today `09:38`, tomorrow named, this year `27 Nov, 16:42`, older `27 Nov 2025`; local time. */
export function moment(iso: string | null | undefined, now: Date = new Date()): string {
  const date = asDate(iso);
  if (!date) return ABSENT;
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  if (date.toDateString() === now.toDateString()) return clockOf(date);
  if (date.toDateString() === tomorrow.toDateString()) return `tomorrow, ${clockOf(date)}`;
  if (date.getFullYear() === now.getFullYear()) return `${dayOf(date)}, ${clockOf(date)}`;
  return `${dayOf(date)} ${date.getFullYear()}`;
}

/** `27 Nov`, and the year where it is another. */
export function day(iso: string | null | undefined, now: Date = new Date()): string {
  const date = asDate(iso);
  if (!date) return ABSENT;
  return date.getFullYear() === now.getFullYear() ? dayOf(date) : `${dayOf(date)} ${date.getFullYear()}`;
}

/** `09:29:24`, for a log; with its day where that is not today. */
export function clock(iso: string | null | undefined, now: Date = new Date()): string {
  const date = asDate(iso);
  if (!date) return ABSENT;
  const time = `${clockOf(date)}:${two(date.getSeconds())}`;
  return date.toDateString() === now.toDateString() ? time : `${dayOf(date)}, ${time}`;
}

/** The month of `2026-11`: "November". */
export function monthName(month: string | null | undefined): string {
  return MONTHS_WHOLE[Number(month?.slice(5, 7)) - 1] ?? "this month";
}

export function loss(value: Maybe, places: 2 | 4 = 2): string {
  return known(value) ? value.toFixed(places) : ABSENT;
}

/** Plain, never `5e-05`: `0.00005`. */
export function rate(value: Maybe): string {
  if (!known(value)) return ABSENT;
  return value.toFixed(12).replace(/\.?0+$/, "");
}

/** `2× A100 80GB`. */
export function gpus(config: { type: string; count?: number } | null | undefined): string {
  return config ? `${config.count ?? 1}× ${gpuName(config.type)}` : ABSENT;
}

export function gpuName(type: string): string {
  return type.replaceAll("-", " ");
}

/** A base model's id without its owner, as people say it: `Qwen/Qwen3-8B` is "Qwen3 8B". */
export function modelName(id: string | null | undefined): string {
  return id ? (id.split("/").at(-1) ?? id).replaceAll("-", " ") : ABSENT;
}

const FORMATS: Record<string, string> = {
  openai_chat: "OpenAI chat format",
  prompt_completion: "prompt and completion",
  alpaca: "Alpaca format",
  sharegpt: "ShareGPT format",
  conversations: "conversations",
  turns: "one turn a line",
  brightrun_v4: "BrightRun v4",
  preference: "preference pairs",
};

export function formatName(format: string | null | undefined): string {
  return format ? (FORMATS[format] ?? format) : ABSENT;
}
