import type { Frame } from "./curve";
import { YGrid } from "./YGrid";

/** The grid, the steps below and the base line of a curve. */
export function Axes({ frame }: { frame: Frame }) {
  return (
    <g>
      <YGrid ticks={frame.yTicks} left={frame.left} right={frame.right} />
      {frame.xTicks.map((tick) => (
        <text key={tick.label} x={tick.at} y={frame.bottom + 18} textAnchor={tick.anchor}>
          {tick.label}
        </text>
      ))}
      <line x1={frame.left} x2={frame.right} y1={frame.bottom} y2={frame.bottom} stroke="var(--line-strong)" />
    </g>
  );
}
