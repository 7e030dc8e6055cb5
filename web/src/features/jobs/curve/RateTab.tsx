import { useMemo } from "react";
import { Axes } from "@/components/charts/Axes";
import { ChartFigure } from "@/components/charts/ChartFigure";
import { frameOf, seriesOf } from "@/components/charts/curve";
import { useWidth } from "@/components/charts/use-width";
import { decimated, pathOf } from "@/lib/chart/decimate";
import { count, rate } from "@/lib/format";
import type { Job, Point } from "@/features/jobs/api/getJob";

/** "0.00005" stands before the curve. */
const WORDS = 64;

/** The learning rate over the steps: it rises while warming up, then falls by its schedule. */
export function RateTab({ job, points }: { job: Job; points: Point[] }) {
  const [ref, width] = useWidth(1070);
  const height = width < 560 ? 250 : 300;
  const series = useMemo(() => seriesOf(points, (point) => point.learning_rate), [points]);
  const frame = useMemo(
    () => frameOf({ width, height, steps: job.total_steps, values: [0, ...series.map((point) => point.y)], left: WORDS, labelOf: rate }),
    [width, height, job.total_steps, series],
  );
  const last = series.at(-1);
  if (!last) return <p className="py-10">The curve begins with the first step.</p>;
  return (
    <ChartFigure
      says={`Learning rate, ${rate(last.y)} at step ${count(last.x)}.`}
      table={() => ({ head: ["Step", "Learning rate"], rows: series.map((point) => [count(point.x), rate(point.y)]) })}
      width={width}
      height={height}
      frame={ref}
    >
      <Axes frame={frame} />
      <path d={pathOf(decimated(series, frame.x), frame.x, frame.y)} fill="none" stroke="var(--ch-rate)" strokeWidth={2} />
    </ChartFigure>
  );
}
