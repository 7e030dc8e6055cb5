import type { Figure } from "@/components/Figures";
import { count, loss, money, percent } from "@/lib/format";
import type { Job, Point } from "./api/getJob";
import type { LossData } from "./curve/loss-data";

export function jobFigures(job: Job, points: Point[], data: LossData): Figure[] {
  return [trainingLoss(data), heldOut(data), speed(job, points), cost(job)];
}

function trainingLoss(data: LossData): Figure {
  const [first, last] = [data.train[0], data.train.at(-1)];
  if (!last) return { label: "Training loss", value: "–", note: "no step has ended yet" };
  return { label: "Training loss", value: loss(last.y), note: first ? `from ${loss(first.y)} at the start` : undefined };
}

function heldOut(data: LossData): Figure {
  const last = data.held.at(-1);
  if (!last) return { label: "Held-out loss", value: "–", note: "measured at each epoch’s end" };
  if (data.base === null) return { label: "Held-out loss", value: loss(last.y), note: `at step ${count(last.x)}` };
  const below = data.base - last.y;
  return {
    label: "Held-out loss",
    value: loss(last.y),
    note: `${loss(Math.abs(below))} ${below >= 0 ? "below" : "above"} the base model`,
    tone: below >= 0 ? "good" : "bad",
  };
}

function speed(job: Job, points: Point[]): Figure {
  const now = job.current_metrics ?? points.at(-1);
  const tokens = now?.throughput;
  const busy = now?.gpu_utilization;
  const note = busy == null ? "GPU use not measured" : `GPUs ${percent(busy)} busy`;
  if (tokens == null) return { label: "Speed", value: "–", note };
  return { label: "Speed", value: count(tokens), unit: "tokens/s", note };
}

function cost(job: Job): Figure {
  const spent = job.final_cost ?? job.current_cost;
  const earlier = job.earlier_cost > 0 ? ` · with earlier jobs ${money(job.linked_cost)}` : "";
  const ratio = job.status === "completed" ? job.actual_over_estimate : null;
  const note =
    ratio === null
      ? `estimated ${money(job.estimated_total_cost)} (${money(job.estimated_cost_low)} to ${money(job.estimated_cost_high)})${earlier}`
      : `${percent(ratio * 100)} of the estimate${earlier}`;
  const unit = job.max_cost === null ? "no limit" : `of at most ${money(job.max_cost)}`;
  return { label: "Cost", value: money(spent), unit, note };
}
