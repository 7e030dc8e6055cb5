import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { FilterChips } from "@/components/FilterChips";
import { Loaded } from "@/components/states/Loaded";
import { Skeleton } from "@/components/states/Skeleton";
import { save } from "@/lib/save";
import type { Job } from "@/features/jobs/api/getJob";
import { logAsText, useLog, type Level } from "@/features/jobs/api/listLogs";
import { LogLines } from "./LogLines";

const LEVELS = [
  { value: undefined, label: "All" },
  { value: "warning", label: "Warnings" },
  { value: "error", label: "Errors" },
] as const;

export function LogTab({ job }: { job: Job }) {
  const [level, setLevel] = useState<Level>();
  const log = useLog(job.id, level);
  const saving = useMutation({ mutationFn: () => logAsText(job.id), onSuccess: (lines) => save(`${job.name} log.txt`, lines, "text/plain") });
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <FilterChips<Level> label="Level" options={[...LEVELS]} value={level} onChange={setLevel} />
        <button type="button" className="link text-13" disabled={saving.isPending} onClick={() => saving.mutate()}>
          Save as text
        </button>
      </div>
      <ErrorNote error={saving.error} />
      <Loaded query={log} what="The log" skeleton={<Skeleton rows={8} height={24} />}>
        {({ pages }) => (pages.every((page) => page.events.length === 0) ? <p>Nothing of this level was said.</p> : pages.map((page, at) => <LogLines key={at} events={page.events} />))}
      </Loaded>
      {log.hasNextPage ? (
        <button type="button" className="btn mt-4" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Show more
        </button>
      ) : null}
    </>
  );
}
