import { seriesOf } from "@/components/charts/curve";
import type { XY } from "@/lib/chart/decimate";
import { count, loss } from "@/lib/format";
import type { Job, Point } from "@/features/jobs/api/getJob";

export interface LossData {
  train: XY[];
  held: XY[];
  /** The lowest held-out loss. */
  best: XY | null;
  base: number | null;
  restarts: number[];
  kept: number[];
  steps: number;
  now: number;
  failedAt: number | null;
  ended: boolean;
}

/** The API's own word of it: the points of a long curve are thinned. */
function bestOf({ best_step: x, best_validation_loss: y }: Job): XY | null {
  return x == null || y == null ? null : { x, y };
}

type Marks = Pick<LossData, "restarts" | "kept" | "base">;

export function lossData(job: Job, points: Point[], marks: Marks): LossData {
  const held = seriesOf(points, (point) => point.validation_loss);
  const best = bestOf(job) ?? held.reduce<XY | null>((low, point) => (low === null || point.y < low.y ? point : low), null);
  const ended = ["completed", "failed", "cancelled"].includes(job.status);
  return {
    train: seriesOf(points, (point) => point.training_loss),
    held,
    best,
    ...marks,
    steps: job.total_steps,
    now: job.current_step,
    failedAt: job.status === "failed" && job.current_step > 0 ? job.current_step : null,
    ended,
  };
}

/** The lowest and the highest loss in the chart; nothing where there is none. */
export function lossRange({ train, held, base }: LossData): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of [train, held]) {
    for (const { y } of line) {
      if (y < low) low = y;
      if (y > high) high = y;
    }
  }
  if (base !== null) [low, high] = [Math.min(low, base), Math.max(high, base)];
  return low <= high ? [low, high] : [];
}

/** The curve in one sentence. */
export function lossSentence(data: LossData): string {
  const [first, last] = [data.train[0], data.train.at(-1)];
  if (!first || !last) return "No loss has been measured yet.";
  const training = `Training loss ${last.y <= first.y ? "fell" : "rose"} from ${loss(first.y)} to ${loss(last.y)} over ${count(last.x)} steps`;
  const held = data.held.at(-1);
  const base = data.base === null ? "" : `, base model ${loss(data.base)}`;
  return `${training}${held ? `; held-out loss ${loss(held.y)}` : ""}${base}.`;
}

export function lossTable(points: Point[]) {
  return {
    head: ["Step", "Epoch", "Training loss", "Held-out loss", "Learning rate"],
    rows: points.map((point) => [
      count(point.step),
      point.epoch.toFixed(2),
      loss(point.training_loss, 4),
      loss(point.validation_loss, 4),
      String(point.learning_rate ?? "–"),
    ]),
  };
}
