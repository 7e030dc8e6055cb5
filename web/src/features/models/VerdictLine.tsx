import { useModelName } from "@/features/catalog/use-model-name";
import type { Tone } from "@/lib/status";
import type { ModelRow } from "./api/listModels";
import { verdictTone, verdictWords } from "./verdict";

const COLOURS: Partial<Record<Tone, string>> = { good: "text-good", bad: "text-bad" };

/** Whether it is better than its base model: what a card says first of a model. */
export function VerdictLine({ model }: { model: ModelRow }) {
  const tone = model.comparison ? verdictTone(model.comparison) : "rest";
  return <p className={`text-13 font-medium ${COLOURS[tone] ?? ""}`}>{verdictWords(model, useModelName()(model.base_model))}.</p>;
}
