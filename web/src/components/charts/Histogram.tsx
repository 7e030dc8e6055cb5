import { scaleLinear } from "d3-scale";
import { count } from "@/lib/format";
import { ChartFigure } from "./ChartFigure";
import { useWidth } from "./use-width";

interface Bucket {
  low: number;
  high: number;
  count: number;
}

const [HEIGHT, TOP, BOTTOM, WIDEST, GAP] = [140, 24, 28, 88, 6];

/** How many rows have how much of something. */
export function Histogram({ buckets, of, unit }: { buckets: Bucket[]; of: string; unit: string }) {
  const [frame, width] = useWidth(480);
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]);
  const step = Math.min(WIDEST + GAP, (width - 2) / Math.max(1, buckets.length));
  const name = (bucket: Bucket) => (bucket.high - 1 > bucket.low ? `${count(bucket.low)}–${count(bucket.high - 1)}` : count(bucket.low));
  const widest = buckets.find((bucket) => bucket.count === most);
  const says = `${of} per ${unit}: most have ${widest ? name(widest) : "none"}.`;
  return (
    <ChartFigure
      says={says}
      table={() => ({ head: [of, `${unit}s`], rows: buckets.map((bucket) => [name(bucket), count(bucket.count)]) })}
      width={width}
      height={HEIGHT}
      frame={frame}
    >
      {buckets.map((bucket, at) => (
        <g key={bucket.low} transform={`translate(${6 + at * step} 0)`}>
          <rect
            width={step - GAP}
            y={bucket.count > 0 ? Math.min(y(bucket.count), HEIGHT - BOTTOM - 2) : HEIGHT - BOTTOM}
            height={bucket.count > 0 ? Math.max(2, HEIGHT - BOTTOM - y(bucket.count)) : 0}
            rx={2}
            fill="var(--ch-spend)"
            opacity={0.8}
          />
          <text className="k" x={(step - GAP) / 2} y={y(bucket.count) - 7} textAnchor="middle">
            {step > 40 || buckets.length < 10 ? count(bucket.count) : ""}
          </text>
          <text x={(step - GAP) / 2} y={HEIGHT - 8} textAnchor="middle">
            {step > 64 || at % Math.ceil(64 / step) === 0 ? name(bucket) : ""}
          </text>
        </g>
      ))}
      <line x1={0} x2={width} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} stroke="var(--line-strong)" />
    </ChartFigure>
  );
}
