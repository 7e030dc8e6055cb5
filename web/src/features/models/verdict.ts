import { loss } from "@/lib/format";
import type { Tone } from "@/lib/status";
import type { Comparison, Model } from "./api/getModel";

/** What the comparison with the base model says, in one sentence; a bad result as plainly as a good one. */
export function verdictSentence(model: Pick<Model, "comparison" | "not_compared">, base: string): string {
  const { comparison } = model;
  if (!comparison) return model.not_compared ?? "Nothing was held out, so it was not compared with its base model.";
  switch (comparison.verdict) {
    case "better":
      return `Better than ${base} on answers it had never seen, and more so after their own prompts.`;
    case "worse":
      return "Worse than its base model on answers it had never seen.";
    case "not_shown_better":
      return notShown(comparison.reason);
  }
}

function notShown(reason = ""): string {
  if (reason === "") return "Not shown to be better than its base model.";
  return `Not shown to be better than its base model: ${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`;
}

/** The same in a few words, for a card. */
export function verdictWords({ comparison }: Pick<Model, "comparison">, base: string): string {
  if (!comparison) return "Not compared with its base model";
  return { better: `Better than ${base}`, worse: `Worse than ${base}`, not_shown_better: `Not shown to be better than ${base}` }[comparison.verdict];
}

export function verdictTone({ verdict }: Pick<Comparison, "verdict">): Tone {
  return verdict === "better" ? "good" : verdict === "worse" ? "bad" : "rest";
}

const FEWEST = 10;

/** How many conversations would let ten be held out, where fewer than ten were. */
export function conversationsNeeded(model: Pick<Model, "comparison" | "configuration">): number | null {
  const held = Number(/^(\d+) held-out conversations? (?:is|are) too few/.exec(model.comparison?.reason ?? "")?.[1] ?? Number.NaN);
  const fraction = model.configuration.hyperparameters.validation_fraction ?? 0;
  if (!(held < FEWEST) || fraction <= 0) return null;
  return Math.ceil(FEWEST / fraction);
}

/** A number with a true minus sign. */
function signed(value: number): string {
  const text = loss(Math.abs(value));
  return value < 0 && text !== "0.00" ? `−${text}` : text;
}

/** Numbers of a sentence, so that they can be set off: words, number, words, number. */
interface Said {
  moved: "fell" | "rose";
  by: string;
  between: string;
}

export function lossMoved({ difference, difference_low: low, difference_high: high }: Comparison): Said {
  if (difference > 0) return { moved: "rose", by: signed(difference), between: `${signed(low)} to ${signed(high)}` };
  return { moved: "fell", by: signed(-difference), between: `${signed(-high)} to ${signed(-low)}` };
}

/** Whether it learned what to answer, or only how answers sound; nothing where it was not measured. */
export function promptGain({ prompt_gain: gain, prompt_gain_low: low, prompt_gain_high: high }: Comparison): string | null {
  if (gain == null || low == null || high == null) return null;
  const numbers = `${signed(gain)} (${signed(low)} to ${signed(high)})`;
  return low > 0
    ? `After its own prompt an answer is likelier than after another’s by ${numbers}: it learned what to answer, not only how answers sound.`
    : `After its own prompt an answer is no likelier than after another’s: ${numbers}.`;
}
