import { BOX, type Frame } from "@/components/charts/curve";
import { pathOf } from "@/lib/chart/decimate";
import { count } from "@/lib/format";
import type { LossData } from "./loss-data";
import type { Label } from "./loss-labels";

/** Words of the chart, where nothing runs through them. */
function Words({ label, strong = false }: { label: Label | null | undefined; strong?: boolean }) {
  return label ? (
    <text className={strong ? "k" : "halo"} x={label.x} y={label.y}>
      {label.words}
    </text>
  ) : null;
}

export function ToCome({ frame, from, label }: { frame: Frame; from: number; label: Label | null }) {
  const left = frame.x(from);
  return left < frame.right ? (
    <g>
      <rect x={left} y={BOX.top} width={frame.right - left} height={frame.bottom - BOX.top} fill="var(--sunken)" opacity={0.55} />
      <Words label={label} />
    </g>
  ) : null;
}

export function BaseLine({ frame, loss: value, label }: { frame: Frame; loss: number; label: Label | null }) {
  return (
    <g>
      <line x1={BOX.left} x2={frame.right} y1={frame.y(value)} y2={frame.y(value)} stroke="var(--ch-base)" strokeWidth={1.5} strokeDasharray="6 5" />
      <Words label={label} />
    </g>
  );
}

export function Restarts({ frame, steps, labels }: { frame: Frame; steps: number[]; labels: (Label | null)[] }) {
  return (
    <g>
      {steps.map((step, at) => (
        <g key={`${step}-${at}`}>
          <line x1={frame.x(step)} x2={frame.x(step)} y1={BOX.top} y2={frame.bottom} stroke="var(--ch-mark)" strokeDasharray="2 3" />
          <Words label={labels[at]} strong />
        </g>
      ))}
    </g>
  );
}

export function Kept({ frame, steps }: { frame: Frame; steps: number[] }) {
  return (
    <g>
      {steps.map((step) => (
        <path key={step} d={`M${frame.x(step)} ${frame.bottom}v-7`} stroke="var(--ink-3)" strokeWidth={1.5} />
      ))}
    </g>
  );
}

export function HeldOut({ frame, data, label }: { frame: Frame; data: LossData; label: Label | null }) {
  const { held, best } = data;
  if (!best) return null;
  const [bx, by] = [frame.x(best.x), frame.y(best.y)];
  return (
    <g>
      <path d={pathOf(held, frame.x, frame.y)} fill="none" stroke="var(--ch-held)" strokeWidth={2.2} />
      {held.map((point) => (
        <circle key={point.x} cx={frame.x(point.x)} cy={frame.y(point.y)} r={held.length > 24 ? 2.5 : 4.5} fill="var(--surface)" stroke="var(--ch-held)" strokeWidth={2.2} />
      ))}
      <path d={`M${bx} ${by - 8}l8 8l-8 8l-8-8z`} fill="var(--ch-held)" stroke="var(--surface)" strokeWidth={2} />
      <Words label={label} strong />
    </g>
  );
}

export function StoppedHere({ frame, step, words }: { frame: Frame; step: number; words: string }) {
  const toLeft = frame.x(step) > frame.right * 0.6;
  return (
    <g>
      <line x1={frame.x(step)} x2={frame.x(step)} y1={BOX.top} y2={frame.bottom} stroke="var(--st-bad-solid)" strokeWidth={1.5} />
      <text className="bad" x={frame.x(step) + (toLeft ? -8 : 8)} y={BOX.top + 13} textAnchor={toLeft ? "end" : "start"}>
        {words} at step {count(step)}
      </text>
    </g>
  );
}
