import { memo } from "react";
import { clock } from "@/lib/format";
import type { JobEvent } from "@/features/jobs/api/getJob";
import { useInSight } from "./use-in-sight";

const COLOURS: Record<string, string> = { warning: "text-prep", error: "text-bad" };

/** One page of the story: when, of what kind, what was said. Far from sight only its height is kept, so that very many lines cost no more than a few. */
export const LogLines = memo(function LogLines({ events }: { events: JobEvent[] }) {
  const { ref, height } = useInSight<HTMLOListElement>();
  return (
    <ol className="log" ref={ref} style={height === null ? undefined : { height }}>
      {height === null ? events.map((event) => <Line key={event.id} event={event} />) : null}
    </ol>
  );
});

function Line({ event }: { event: JobEvent }) {
  return (
    <li className={COLOURS[event.level ?? ""]}>
      <time dateTime={event.time} title={event.time} className="text-ink-3">
        {clock(event.time)}
      </time>
      <span className="text-ink-3">{kind(event)}</span>
      <span>{event.message}</span>
    </li>
  );
}

/** `job.stage` is "stage", `checkpoint.stored` is "checkpoint". */
function kind(event: JobEvent): string {
  const [first, second] = event.type.split(".");
  return (first === "job" ? second : first) ?? event.type;
}
