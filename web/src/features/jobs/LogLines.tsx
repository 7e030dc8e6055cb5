import { memo } from "react";
import { clock } from "@/lib/format";
import type { JobEvent } from "./api/getJob";

const COLOURS: Record<string, string> = { warning: "text-prep", error: "text-bad" };

/** Lines of the story: when, of what kind, what was said. Drawn once; the style sheet leaves out what is not in sight. */
export const LogLines = memo(function LogLines({ events }: { events: JobEvent[] }) {
  return (
    <ol className="log">
      {events.map((event) => (
        <li key={event.id} className={COLOURS[event.level ?? ""]}>
          <time dateTime={event.time} title={event.time} className="text-ink-3">
            {clock(event.time)}
          </time>
          <span className="text-ink-3">{kind(event)}</span>
          <span>{event.message}</span>
        </li>
      ))}
    </ol>
  );
});

/** `job.stage` is "stage", `checkpoint.stored` is "checkpoint". */
function kind(event: JobEvent): string {
  const [first, second] = event.type.split(".");
  return (first === "job" ? second : first) ?? event.type;
}
