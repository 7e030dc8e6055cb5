import { count, counted, moment } from "@/lib/format";
import type { Attempt, JobEvent } from "@/features/jobs/api/getJob";

/** Where an attempt after the first went on, in the order of the attempts. */
export function restartSteps(attempts: Attempt[]): number[] {
  return inOrder(attempts).flatMap(({ resumed_from_step: step }) => (step === null ? [] : [step]));
}

/** The checkpoints that the log says are kept. */
export function keptSteps(events: JobEvent[]): number[] {
  const told = events.filter((event) => event.type.startsWith("checkpoint.")).map((event) => Number(/step (\d+)/.exec(event.message)?.[1]));
  return [...new Set(told.filter((step) => Number.isInteger(step)))];
}

/** What is said of each attempt that was lost. */
export function restartWords(attempts: Attempt[], events: JobEvent[], now: Date): string[] {
  const lost = events.filter((event) => event.type === "attempt.lost");
  return lost.map((event) => {
    const next = inOrder(attempts).find((attempt) => Date.parse(attempt.started_at ?? "") >= Date.parse(event.time));
    const why = event.message.replace(/\. The next attempt.*$/, "");
    return `At ${moment(event.time, now)}: ${lowered(why)}. ${whatFollowed(next, event.time)}`;
  });
}

function whatFollowed(next: Attempt | undefined, lostAt: string): string {
  if (!next?.started_at) return "Another GPU is awaited.";
  const gap = Math.round((Date.parse(next.started_at) - Date.parse(lostAt)) / 1000);
  const step = next.resumed_from_step;
  const from = step === null ? "began anew" : `went on from the checkpoint after step ${count(step)}`;
  return `Another GPU took over after ${counted(gap, "second")} and ${from}. Waiting cost nothing.`;
}

const inOrder = (attempts: Attempt[]): Attempt[] => [...attempts].sort((a, b) => a.number - b.number);

/** A name keeps its capital; a sentence that follows a colon does not need one. */
function lowered(words: string): string {
  return words.startsWith("RunPod") ? words : words.charAt(0).toLowerCase() + words.slice(1);
}
