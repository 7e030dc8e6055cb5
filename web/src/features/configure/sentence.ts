import type { Estimate } from "@/features/jobs/api/getEstimate";
import { counted, durationInWords, money } from "@/lib/format";

const TIMES = ["", "once", "twice", "three times", "four times", "five times", "six times", "seven times", "eight times", "nine times", "ten times"];

/** "About $7.79 and an hour, for 4,980 answers three times over." */
export function priceSentence(estimate: Estimate | undefined, pairs: number | undefined, epochs: number | undefined): string {
  if (!estimate || pairs === undefined) return "Choose a dataset to see the price.";
  const over = TIMES[epochs ?? 0] ?? `${epochs ?? 0} times`;
  const time = durationInWords(estimate.estimated_duration_hours * 3600);
  return `About ${money(estimate.estimated_cost)} and ${time}, for ${counted(pairs, "answer")} ${over === "once" ? "once" : `${over} over`}.`;
}
