import { describe, expect, test } from "vitest";
import { BOX, frameOf } from "@/components/charts/curve";
import { roomOf, type Place } from "@/components/charts/labels";
import { curve } from "@/mocks/fixtures/points";
import { JOBS } from "@/mocks/fixtures/jobs";
import { lossData, lossRange } from "./loss-data";
import { lossLabels, type Label } from "./loss-labels";

const running = JOBS.find((job) => job.id === "job-running")!;
const WIDTHS = { phone: 326, desktop: 1070 };

/** A job of so many epochs, of which so many are over, with what a chart may have to say of it. */
function labelled(width: number, epochs: number, over: number, points = 170) {
  const steps = epochs * 400;
  const now = points === 1 ? 1 : over * 400;
  const held = Object.fromEntries(Array.from({ length: points === 1 ? 0 : over }, (_, at) => [(at + 1) * 400, 1.5 - at / (over * 4)]));
  const metrics = points === 1 ? curve(1, steps, epochs) : curve(now, steps, epochs, held, points);
  const job = { ...running, current_step: now, total_steps: steps, total_epochs: epochs, best_step: null, best_validation_loss: null };
  const data = lossData(job, metrics, { restarts: over > 1 ? [400, 480] : [], kept: [400], base: 2.2 });
  const frame = frameOf({ width, height: width < 560 ? 250 : 300, steps, values: lossRange(data), labelOf: (value) => value.toFixed(1) });
  const train = data.train.map(({ x, y }) => ({ x: frame.x(x), y: frame.y(y) }));
  return { frame, labels: lossLabels(data, frame, train, width < 560) };
}

const placed = ({ words, x, y }: Label): Place => ({ x, y: y - 12, ...roomOf(words) });
const overlap = (a: Place, b: Place) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe.each(Object.entries(WIDTHS))("on a %s", (_, width) => {
  test.each([
    ["1 point", 3, 0, 1],
    ["3 epochs", 3, 2, 170],
    ["3 epochs, all over", 3, 3, 170],
    ["20 epochs", 20, 13, 170],
    ["20 epochs, all over", 20, 20, 170],
  ])("%s: no label covers another, and each stands in the chart", (_name, epochs, over, points) => {
    const { frame, labels } = labelled(width, epochs, over, points);
    const places = [labels.best, labels.base, labels.toCome, ...labels.restarts].flatMap((one) => (one ? [placed(one)] : []));

    expect(places.length).toBeGreaterThan(0);
    expect(places.flatMap((one, at) => places.slice(at + 1).filter((other) => overlap(one, other)))).toEqual([]);
    for (const one of places) {
      expect(one.x).toBeGreaterThanOrEqual(BOX.left);
      expect(one.x + one.width).toBeLessThanOrEqual(frame.right);
    }
  });

  test("the steps under the curve keep their distance", () => {
    for (const steps of [1, 22, 3363, 50_000, 1_234_567]) {
      const { xTicks } = frameOf({ width, height: 300, steps, values: [1, 2], labelOf: String });
      const spans = xTicks.map(({ at, label, anchor }) => {
        const wide = roomOf(label).width;
        const left = anchor === "start" ? at : anchor === "end" ? at - wide : at - wide / 2;
        return [left, left + wide] as const;
      });
      for (const [at, [left]] of spans.entries()) expect(left).toBeGreaterThanOrEqual(spans[at - 1]?.[1] ?? 0);
    }
  });
});
