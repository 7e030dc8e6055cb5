import { scaleLinear, scaleLog } from "d3-scale";
import type { XY } from "@/lib/chart/decimate";

export const BOX = { left: 44, right: 8, top: 16, bottom: 34 };

export interface Frame {
  x: (step: number) => number;
  y: (value: number) => number;
  invert: (pixel: number) => number;
  xTicks: { at: number; label: string; anchor: "start" | "middle" | "end" }[];
  yTicks: { at: number; label: string }[];
  bottom: number;
  left: number;
  right: number;
}

interface Wanted {
  width: number;
  height: number;
  steps: number;
  values: number[];
  logarithmic?: boolean;
  /** Where the curve begins; room for longer values before it. */
  left?: number;
  labelOf: (value: number) => string;
}

/** Scales and ticks of a curve over steps: the y axis is rounded to whole ticks, the last step is written out. */
export function frameOf({ width, height, steps, values, logarithmic = false, left = BOX.left, labelOf }: Wanted): Frame {
  const right = width - BOX.right;
  const bottom = height - BOX.bottom;
  const x = scaleLinear([0, Math.max(1, steps)], [left, right]);
  const found = values.length > 0 ? values : [0, 1];
  const [low, high] = [Math.min(...extent(found, "low")), Math.max(...extent(found, "high"))];
  const positive = logarithmic && low > 0;
  const y = positive ? scaleLog([low, Math.max(high, low * 1.01)], [bottom, BOX.top]) : scaleLinear(spread(low, high), [bottom, BOX.top]).nice(5);
  const count = width < 480 ? 2 : 4;
  const inner = x.ticks(count).filter((step) => step > 0 && x(step) < right - 120);
  return {
    x: (step) => x(step),
    y: (value) => y(value),
    invert: (pixel) => x.invert(pixel),
    xTicks: [
      { at: left, label: "0", anchor: "start" as const },
      ...inner.map((step) => ({ at: x(step), label: step.toLocaleString("en-US"), anchor: "middle" as const })),
      { at: right, label: `${steps.toLocaleString("en-US")} steps`, anchor: "end" as const },
    ],
    yTicks: y.ticks(5).map((value) => ({ at: y(value), label: labelOf(value) })),
    bottom,
    left,
    right,
  };
}

/** A flat line still has a range to be drawn in. */
function spread(low: number, high: number): [number, number] {
  return low === high ? [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1] : [low, high];
}

/** The least or greatest without spreading fifty thousand arguments on the stack. */
function extent(values: number[], which: "low" | "high"): number[] {
  let found = values[0] ?? 0;
  for (const value of values) if (which === "low" ? value < found : value > found) found = value;
  return [found];
}

/** The point nearest to a step. */
export function nearest<P extends { step: number }>(points: P[], step: number): P | undefined {
  let best: P | undefined;
  for (const point of points) {
    if (!best || Math.abs(point.step - step) < Math.abs(best.step - step)) best = point;
  }
  return best;
}

export function seriesOf<P extends { step: number }>(points: readonly P[], value: (point: P) => number | null | undefined): XY[] {
  const found: XY[] = [];
  for (const point of points) {
    const y = value(point);
    if (typeof y === "number" && Number.isFinite(y)) found.push({ x: point.step, y });
  }
  return found;
}
