import { BOX, type Frame } from "@/components/charts/curve";
import { count, loss, rate } from "@/lib/format";
import type { Point } from "@/features/jobs/api/getJob";

const [WIDE, LINE] = [190, 17];

export function LossTooltip({ frame, point, width }: { frame: Frame; point: Point; width: number }) {
  const x = frame.x(point.step);
  const left = x + 12 + WIDE > width ? x - 12 - WIDE : x + 12;
  const lines = [
    `Step ${count(point.step)}, epoch ${point.epoch.toFixed(2)}`,
    `Training loss ${loss(point.training_loss, 4)}`,
    ...(point.validation_loss == null ? [] : [`Held-out loss ${loss(point.validation_loss, 4)}`]),
    `Learning rate ${rate(point.learning_rate)}`,
  ];
  return (
    <g pointerEvents="none">
      <line x1={x} x2={x} y1={BOX.top} y2={frame.bottom} stroke="var(--line-strong)" />
      <rect x={left} y={BOX.top + 4} width={WIDE} height={lines.length * LINE + 12} rx={8} fill="var(--surface)" stroke="var(--line)" />
      {lines.map((words, at) => (
        <text key={words} className={at === 0 ? "k" : undefined} x={left + 12} y={BOX.top + 22 + at * LINE}>
          {words}
        </text>
      ))}
    </g>
  );
}
