import { scaleLinear } from "d3-scale";
import { ChartFigure } from "@/components/charts/ChartFigure";
import { useWidth } from "@/components/charts/use-width";
import { loss } from "@/lib/format";
import type { Comparison } from "./api/getModel";
import { verdictTone } from "./verdict";

const HEIGHT = 118;
const [TOP, BOTTOM] = [30, 74];
const COLOURS = { good: "var(--st-good-solid)", bad: "var(--st-bad-solid)" } as const;

/** Two dots, base and adapter, and the interval in which the adapter's is with 95 % confidence. */
export function Interval({ comparison }: { comparison: Comparison }) {
  const [frame, width] = useWidth(480);
  const { base_loss: base, adapter_loss: adapter, difference_low: low, difference_high: high } = comparison;
  const [from, to] = [base + low, base + high];
  const ends = [Math.min(base, adapter, from), Math.max(base, adapter, to)] as const;
  const span = ends[1] - ends[0] || 1;
  const isNarrow = width < 400;
  const [left, right] = [isNarrow ? 72 : 96, width - 24];
  const x = scaleLinear([Math.max(0, ends[0] - span * 0.12), ends[1] + span * 0.12], [left, right]).nice(6);
  const [first, last] = x.domain() as [number, number];
  const tone = verdictTone(comparison);
  const colour = tone === "good" || tone === "bad" ? COLOURS[tone] : "var(--st-rest-solid)";
  const says = `Held-out loss: base model ${loss(base)}, with adapter ${loss(adapter)}, between ${loss(from)} and ${loss(to)}`;
  const rows = [
    ["Base model", loss(base, 4), "–"],
    ["With adapter", loss(adapter, 4), `${loss(from, 4)} to ${loss(to, 4)}`],
  ];
  return (
    <ChartFigure says={says} table={() => ({ head: ["Model", "Loss per token", "With 95 % confidence"], rows })} width={width} height={HEIGHT} frame={frame}>
      <line x1={left} x2={right} y1={TOP} y2={TOP} stroke="var(--ch-grid)" />
      <line x1={left} x2={right} y1={BOTTOM} y2={BOTTOM} stroke="var(--ch-grid)" />
      <text x={0} y={TOP + 4} className="k">
        Base
      </text>
      <text x={0} y={BOTTOM + 4} className="k">
        {isNarrow ? "Adapter" : "With adapter"}
      </text>
      <line x1={x(base)} x2={x(base)} y1={TOP} y2={BOTTOM} stroke="var(--ch-base)" strokeWidth={1.2} strokeDasharray="3 3" />
      <circle cx={x(base)} cy={TOP} r={6} fill="var(--ch-base)" />
      <text x={x(base)} y={16} textAnchor="middle" className="k">
        {loss(base)}
      </text>
      <rect x={x(from)} y={BOTTOM - 5} width={Math.max(2, x(to) - x(from))} height={10} rx={5} fill={colour} opacity={0.35} />
      <circle cx={x(adapter)} cy={BOTTOM} r={6} fill={colour} />
      <text x={x(adapter)} y={60} textAnchor="middle" className="k">
        {loss(adapter)}
      </text>
      <text x={left} y={110}>
        {first}
      </text>
      <text x={right} y={110} textAnchor="end">
        {last}
      </text>
      <text x={(left + right) / 2} y={110} textAnchor="middle">
        {isNarrow ? "lower is better" : "loss per token, lower is better"}
      </text>
    </ChartFigure>
  );
}
