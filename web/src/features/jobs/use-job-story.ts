import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useModelName } from "@/features/catalog/use-model-name";
import { modelQuery } from "@/features/models/api/getModel";
import { isActiveJob } from "@/lib/polling";
import type { JobEvent, JobPageData } from "./api/getJob";
import { useEvents } from "./api/listLogs";
import { lossData } from "./loss-data";
import { phasesOf } from "./phases";
import { restartWords } from "./restarts";

const NONE: JobEvent[] = [];

/** What the API tells only in its log: phases, restarts and kept checkpoints; and the base model's loss, once there is a model. */
export function useJobStory(page: JobPageData, now: Date) {
  const { job, metrics, attempts } = page;
  const live = isActiveJob(job);
  const stages = useEvents(job.id, "job.stage", live);
  const tries = useEvents(job.id, "attempt", live);
  const checkpoints = useEvents(job.id, "checkpoint", live);
  const model = useQuery({ ...modelQuery(job.artifact_id ?? ""), enabled: job.artifact_id !== null });
  const nameOf = useModelName();

  const events = useMemo(
    () => [...(stages.data ?? NONE), ...(tries.data ?? NONE), ...(checkpoints.data ?? NONE), ...page.events.filter((event) => event.type === "job.resumed")],
    [stages.data, tries.data, checkpoints.data, page.events],
  );
  const base = model.data?.comparison?.base_loss ?? null;
  const data = useMemo(() => lossData(job, metrics, events, base), [job, metrics, events, base]);
  return {
    data,
    phases: stages.data && tries.data ? phasesOf(job, events, now) : null,
    restarts: restartWords(attempts, events, now),
    modelName: nameOf(job.base_model),
  };
}

export type JobStory = ReturnType<typeof useJobStory>;
