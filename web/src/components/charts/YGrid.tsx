interface Props {
  ticks: { at: number; label: string }[];
  left: number;
  right: number;
}

/** Horizontal hairlines with their values at the left. */
export function YGrid({ ticks, left, right }: Props) {
  return (
    <g>
      {ticks.map((tick) => (
        <g key={tick.label}>
          <line x1={left} x2={right} y1={tick.at} y2={tick.at} stroke="var(--ch-grid)" />
          <text x={left - 8} y={tick.at + 4} textAnchor="end">
            {tick.label}
          </text>
        </g>
      ))}
    </g>
  );
}
