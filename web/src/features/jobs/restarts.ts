import { count, counted, moment } from "@/lib/format";
import type { Attempt, JobEvent } from "./api/getJob";
import { restartSteps } from "./phases";

/** What is said of each attempt that was lost. */
export function restartWords(attempts: Attempt[], events: JobEvent[], now: Date): string[] {
  const ordered = [...attempts].sort((a, b) => a.number - b.number);
  const lost = events.filter((event) => event.type === "attempt.lost");
  return lost.map((event) => {
    const next = ordered.find((attempt) => Date.parse(attempt.started_at ?? "") >= Date.parse(event.time));
    const why = event.message.replace(/\. The next attempt.*$/, "");
    const [step] = restartSteps([event]);
    const from = step === undefined ? "began anew" : `went on from the checkpoint after step ${count(step)}`;
    const gap = next?.started_at ? Math.round((Date.parse(next.started_at) - Date.parse(event.time)) / 1000) : null;
    const then = gap === null ? "Another GPU is awaited." : `Another GPU took over after ${counted(gap, "second")} and ${from}. Waiting cost nothing.`;
    return `At ${moment(event.time, now)}: ${why.charAt(0).toLowerCase() === why.charAt(0) ? why : lowered(why)}. ${then}`;
  });
}

/** A name keeps its capital; a sentence that follows a colon does not need one. */
function lowered(words: string): string {
  return words.startsWith("RunPod") ? words : words.charAt(0).toLowerCase() + words.slice(1);
}
