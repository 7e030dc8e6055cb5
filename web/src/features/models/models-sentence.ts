import { counted } from "@/lib/format";
import type { ModelRow } from "./api/listModels";

const WORDS = ["no stars", "one star", "two stars", "three stars", "four stars", "five stars"];

/** How many there are, and how good the best is. */
export function modelsSentence(total: number, best: ModelRow | undefined): string {
  if (total === 0 || !best) return "No model yet.";
  const stars = WORDS[best.quality_metrics.overall_score] ?? "no stars";
  if (total === 1) return `One model; it has ${stars}.`;
  return `${counted(total, "model")}; the best has ${stars}.`;
}
