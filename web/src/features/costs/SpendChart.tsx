import { scaleLinear } from "d3-scale";
import { ChartFigure } from "@/components/charts/ChartFigure";
import { useWidth } from "@/components/charts/use-width";
import { YGrid } from "@/components/charts/YGrid";
import { count, money } from "@/lib/format";
import { barName, barsOf, isByWeek, spanName, ticksOf, type Bar } from "./bars";
import type { Costs } from "./api/getCosts";

const HEIGHT = 200;
const [TOP, BOTTOM] = [14, 172];
const [NARROW_LEFT, WIDE_LEFT, FOUR_DIGITS] = [40, 56, 1000];
const WIDEST = 26;
const MOST_LABELS = 12;
const [LABEL_WIDTH, LABEL_HEIGHT, TICK_ROOM] = [38, 16, 52];

/** What was spent, day by day or week by week. */
export function SpendChart({ costs }: { costs: Costs }) {
  const [frame, width] = useWidth(1070);
  const bars = barsOf(costs.chart_data);
  const most = Math.max(1, ...bars.map((bar) => bar.amount));
  const [left, right] = [most >= FOUR_DIGITS ? WIDE_LEFT : NARROW_LEFT, width - 6];
  const step = (right - left) / Math.max(1, bars.length);
  const y = scaleLinear([0, most], [BOTTOM, TOP]).nice(3);
  const values = y.ticks(3);
  const middle = (at: number) => left + step * (at + 0.5);
  const wide = Math.min(WIDEST, step * 0.77);
  const ticks = values.map((value) => ({ at: y(value), label: values.every(Number.isInteger) ? `$${count(value)}` : money(value) }));
  const labelled = labels(bars, middle, y, wide);
  return (
    <ChartFigure
      says={saying(costs, bars)}
      table={() => ({ head: [isByWeek(costs.chart_data) ? "Week" : "Day", "Spent"], rows: bars.map((bar) => [barName(bar), money(bar.amount)]) })}
      width={width}
      height={HEIGHT}
      frame={frame}
    >
      <YGrid ticks={ticks} left={left} right={right} />
      {bars.map((bar, at) =>
        bar.amount > 0 ? (
          <g key={bar.from}>
            <rect x={middle(at) - wide / 2} y={Math.min(y(bar.amount), BOTTOM - 1)} width={wide} height={Math.max(1, BOTTOM - y(bar.amount))} rx={Math.min(3, wide / 3)} fill="var(--ch-spend)">
              <title>{`${barName(bar)}: ${money(bar.amount)}`}</title>
            </rect>
            {labelled.has(at) ? (
              <text className="k" x={Math.min(middle(at), width - LABEL_WIDTH / 2)} y={y(bar.amount) - 6} textAnchor="middle">
                {money(bar.amount).replace("$", "")}
              </text>
            ) : null}
          </g>
        ) : null,
      )}
      <line x1={left} x2={right} y1={BOTTOM} y2={BOTTOM} stroke="var(--line-strong)" />
      {ticksOf(bars, TICK_ROOM / step).map(({ at, label }) => (
        <text key={at} x={Math.min(middle(at), width - 22)} y={192} textAnchor="middle">
          {label}
        </text>
      ))}
    </ChartFigure>
  );
}

function saying({ start_date, end_date, total_cost }: Costs, bars: readonly Bar[]): string {
  const span = spanName(start_date, end_date);
  if (total_cost === 0) return `Nothing was spent, ${span}`;
  const most = bars.reduce((best, bar) => (bar.amount > best.amount ? bar : best), { from: "", to: "", amount: 0 });
  return `Spend from ${span}: ${money(total_cost)} in all, most on ${barName(most)} with ${money(most.amount)}`;
}

/** Which bars have their number above: all of at most twelve, the higher before the lower where two would overlap. */
function labels(bars: readonly Bar[], x: (at: number) => number, y: (value: number) => number, wide: number): ReadonlySet<number> {
  const spent = bars.map((bar, at) => ({ at, amount: bar.amount })).filter(({ amount }) => amount > 0);
  const taken = new Set<number>();
  if (spent.length > MOST_LABELS) return taken;
  for (const { at, amount } of spent.sort((a, b) => b.amount - a.amount)) {
    const overlaps = [...taken].some((other) => Math.abs(x(other) - x(at)) < LABEL_WIDTH && Math.abs(y(bars[other]?.amount ?? 0) - y(amount)) < LABEL_HEIGHT);
    const crossesBar = bars.some((bar, other) => other !== at && bar.amount > amount && Math.abs(x(other) - x(at)) < (LABEL_WIDTH + wide) / 2);
    if (!overlaps && !crossesBar) taken.add(at);
  }
  return taken;
}
