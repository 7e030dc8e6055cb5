import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useModelName } from "@/features/catalog/use-model-name";
import { modelQuery } from "@/features/models/api/getModel";
import { isActiveJob } from "@/lib/polling";
import type { JobEvent, JobPageData } from "./api/getJob";
import { useEvents } from "./api/listLogs";
import { lossData } from "./curve/loss-data";
import { phasesOf } from "./phases";
import { keptSteps, restartSteps, restartWords } from "./failure/restarts";

const NONE: JobEvent[] = [];

/** Phases and restarts; the checkpoints, which only the log tells; and the base model's loss, once there is a model. */
export function useJobStory(page: JobPageData, now: Date) {
  const { job, metrics, attempts } = page;
  const live = isActiveJob(job);
  const told = useEvents(job.id, "attempt", live && job.attempt > 1);
  const tries = told.data ?? NONE;
  const checkpoints = useEvents(job.id, "checkpoint", live).data ?? NONE;
  const model = useQuery({ ...modelQuery(job.artifact_id ?? ""), enabled: job.artifact_id !== null });
  const nameOf = useModelName();

  const base = model.data?.comparison?.base_loss ?? null;
  const data = useMemo(
    () => lossData(job, metrics, { restarts: restartSteps(attempts), kept: keptSteps(checkpoints), base }),
    [job, metrics, attempts, checkpoints, base],
  );
  return {
    data,
    phases: useMemo(() => phasesOf(job, page.phases, attempts, storageOf(page)), [job, attempts, page]),
    restarts: restartWords(attempts, tries, now),
    /** So many will be told of when the log has come. */
    awaited: told.isLoading ? attempts.filter(({ end_reason }) => end_reason === "lost").length : 0,
    modelName: nameOf(job.base_model),
  };
}

const storageOf = ({ cost_records }: JobPageData): number =>
  cost_records.filter((record) => record.cost_type !== "training_compute").reduce((sum, record) => sum + record.amount, 0);

export type JobStory = ReturnType<typeof useJobStory>;
