import { BOX, type Frame } from "@/components/charts/curve";
import { pathOf } from "@/lib/chart/decimate";
import { count, loss } from "@/lib/format";
import type { LossData } from "./loss-data";

export function ToCome({ frame, from, steps, narrow }: { frame: Frame; from: number; steps: number; narrow: boolean }) {
  const [left, left_over] = [frame.x(from), steps - from];
  if (left_over <= 0) return null;
  const wide = frame.right - left;
  return (
    <g>
      <rect x={left} y={BOX.top} width={wide} height={frame.bottom - BOX.top} fill="var(--sunken)" opacity={0.55} />
      {wide > 70 ? (
        <text x={left + wide / 2} y={frame.bottom - 12} textAnchor="middle">
          {narrow || wide < 150 ? "to come" : `${count(left_over)} steps to come`}
        </text>
      ) : null}
    </g>
  );
}

export function BaseLine({ frame, loss: value }: { frame: Frame; loss: number }) {
  return (
    <g>
      <line x1={BOX.left} x2={frame.right} y1={frame.y(value)} y2={frame.y(value)} stroke="var(--ch-base)" strokeWidth={1.5} strokeDasharray="6 5" />
      <text x={frame.right} y={frame.y(value) - 7} textAnchor="end">
        Base model {loss(value)}
      </text>
    </g>
  );
}

export function Restarts({ frame, steps, narrow }: { frame: Frame; steps: number[]; narrow: boolean }) {
  return (
    <g>
      {steps.map((step, at) => (
        <g key={`${step}-${at}`}>
          <line x1={frame.x(step)} x2={frame.x(step)} y1={BOX.top} y2={frame.bottom} stroke="var(--ch-mark)" strokeDasharray="2 3" />
          <text className="k" x={frame.x(step) + 7} y={BOX.top + 50 + at * 16}>
            {narrow ? "Restarted" : `Restarted from step ${count(step)}`}
          </text>
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

const LETTER = 6.5;

/** Where the held-out line is at a pixel, so that a label can stand above it. */
function lineAt(held: LossData["held"], frame: Frame, pixel: number): number {
  const after = held.findIndex((point) => frame.x(point.x) >= pixel);
  const [a, b] = [held[Math.max(0, after - 1)], held[after]];
  if (!a || !b) return frame.y(held.at(-1)?.y ?? 0);
  const [left, right] = [frame.x(a.x), frame.x(b.x)];
  const share = right === left ? 0 : Math.min(1, Math.max(0, (pixel - left) / (right - left)));
  return frame.y(a.y) + (frame.y(b.y) - frame.y(a.y)) * share;
}

export function HeldOut({ frame, data, narrow }: { frame: Frame; data: LossData; narrow: boolean }) {
  const { held, best } = data;
  if (!best) return null;
  const [bx, by] = [frame.x(best.x), frame.y(best.y)];
  const word = data.ended ? "Lowest" : "Best so far";
  const toLeft = bx > frame.right / 2;
  const words = narrow ? `${word} ${loss(best.y)}` : `${word} ${loss(best.y)}, step ${count(best.x)}`;
  const above = Math.min(by - 15, lineAt(held, frame, bx + (toLeft ? -1 : 1) * words.length * LETTER) - 8);
  return (
    <g>
      <path d={pathOf(held, frame.x, frame.y)} fill="none" stroke="var(--ch-held)" strokeWidth={2.2} />
      {held.map((point) => (
        <circle key={point.x} cx={frame.x(point.x)} cy={frame.y(point.y)} r={held.length > 24 ? 2.5 : 4.5} fill="var(--surface)" stroke="var(--ch-held)" strokeWidth={2.2} />
      ))}
      <path d={`M${bx} ${by - 8}l8 8l-8 8l-8-8z`} fill="var(--ch-held)" stroke="var(--surface)" strokeWidth={2} />
      <text className="k" x={toLeft ? bx - 12 : bx + 12} y={above} textAnchor={toLeft ? "end" : "start"}>
        {words}
      </text>
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
