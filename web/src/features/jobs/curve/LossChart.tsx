import { useMemo, useState } from "react";
import { Axes } from "@/components/charts/Axes";
import { ChartFigure } from "@/components/charts/ChartFigure";
import { frameOf, nearest } from "@/components/charts/curve";
import { useWidth } from "@/components/charts/use-width";
import { decimated, pathOf, smoothed } from "@/lib/chart/decimate";
import type { Point } from "@/features/jobs/api/getJob";
import { lossLabels } from "./loss-labels";
import { lossRange, lossSentence, lossTable, type LossData } from "./loss-data";
import { BaseLine, HeldOut, Kept, Restarts, StoppedHere, ToCome } from "./LossMarks";
import { LossTooltip } from "./LossTooltip";

interface Props {
  data: LossData;
  points: Point[];
  /** What stands at the red line of a job that failed. */
  failure?: string | undefined;
}

const NARROW = 560;
const same = (pixel: number): number => pixel;

export function LossChart({ data, points, failure }: Props) {
  const [frameRef, width] = useWidth(1070);
  const [log, setLog] = useState(false);
  const [smooth, setSmooth] = useState(false);
  const [over, setOver] = useState<Point>();
  const height = width < NARROW ? 250 : 300;
  const values = useMemo(() => lossRange(data), [data]);
  const frame = useMemo(
    () => frameOf({ width, height, steps: data.steps, values, logarithmic: log, labelOf: (value) => value.toFixed(value < 0.1 ? 2 : 1) }),
    [width, height, data.steps, values, log],
  );
  const shown = useMemo(() => (smooth ? smoothed(data.train) : data.train), [data.train, smooth]);
  const line = useMemo(() => decimated(shown, frame.x).map((point) => ({ x: frame.x(point.x), y: frame.y(point.y) })), [shown, frame]);
  const path = useMemo(() => pathOf(line, same, same), [line]);
  const labels = useMemo(() => lossLabels(data, frame, line, width < NARROW), [data, frame, line, width]);

  return (
    <ChartFigure
      says={lossSentence(data)}
      table={() => lossTable(points)}
      width={width}
      height={height}
      frame={frameRef}
      controls={
        <>
          <Switch label="Logarithmic" on={log} onChange={setLog} />
          <Switch label="Smoothed" on={smooth} onChange={setSmooth} />
        </>
      }
    >
      {data.ended ? null : <ToCome frame={frame} from={data.now} label={labels.toCome} />}
      <Axes frame={frame} />
      <Kept frame={frame} steps={data.kept} />
      {data.base === null ? null : <BaseLine frame={frame} loss={data.base} label={labels.base} />}
      <Restarts frame={frame} steps={data.restarts} labels={labels.restarts} />
      <path d={path} fill="none" stroke="var(--ch-train)" strokeWidth={1.6} strokeLinejoin="round" />
      <HeldOut frame={frame} data={data} label={labels.best} />
      {data.failedAt === null ? null : <StoppedHere frame={frame} step={data.failedAt} words={failure ?? "Stopped"} />}
      {over ? <LossTooltip frame={frame} point={over} width={width} /> : null}
      <rect
        x={0}
        y={0}
        width={width}
        height={frame.bottom}
        fill="transparent"
        onPointerMove={(event) => setOver(nearest(points, frame.invert(event.nativeEvent.offsetX)))}
        onPointerLeave={() => setOver(undefined)}
      />
    </ChartFigure>
  );
}

function Switch({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex items-center gap-2 text-12 max-tablet:min-h-11">
      <input type="checkbox" className="tick" checked={on} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
