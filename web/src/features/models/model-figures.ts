import type { Figure } from "@/components/Figures";
import { ABSENT, count, counted, duration, loss, money } from "@/lib/format";
import type { Model } from "./api/getModel";

const AN_HOUR = 3600;

/** The four numbers of a model; what was not measured says so. */
export function modelFigures({ quality_metrics: quality, training_summary: summary }: Pick<Model, "quality_metrics" | "training_summary">): Figure[] {
  const epochs = Number.isInteger(summary.epochs_completed) ? summary.epochs_completed : Number(summary.epochs_completed.toFixed(1));
  return [
    { label: "Training loss", value: loss(quality.final_training_loss), ...improvement(quality.loss_improvement) },
    { label: "Held-out loss", value: loss(quality.final_validation_loss), note: perplexity(quality) },
    { label: "Took", value: duration(summary.training_duration_hours * AN_HOUR), note: `${counted(summary.total_steps, "step")}, ${epochs} ${epochs === 1 ? "epoch" : "epochs"}` },
    { label: "Cost", value: money(summary.total_cost), note: `estimated ${money(summary.estimated_cost)} with storage` },
  ];
}

function improvement(percent: number | null): Pick<Figure, "note" | "tone"> {
  if (percent === null) return { note: "not recorded at the start" };
  if (percent >= 0) return { note: `${count(percent)} % lower than at the start`, tone: "good" };
  return { note: `${count(-percent)} % higher than at the start`, tone: "bad" };
}

function perplexity(quality: Model["quality_metrics"]): string {
  if (quality.final_validation_loss === null) return "nothing was held out";
  if (quality.perplexity_is_infinite) return "perplexity beyond measure";
  if (quality.perplexity === null) return `perplexity ${ABSENT}`;
  return `perplexity ${quality.perplexity >= 100 ? count(quality.perplexity) : quality.perplexity.toFixed(2)}`;
}
