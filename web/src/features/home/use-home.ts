import { useQueries, useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "@/features/datasets/api/listDatasets";
import { jobsQuery } from "@/features/jobs/api/listJobs";
import { modelsQuery } from "@/features/models/api/listModels";
import { EVERY } from "@/lib/polling";
import { nextSteps, recentFailures } from "./next-steps";
import { homeSentence } from "./sentence";

const AT_WORK = ["running", "initializing", "queued", "paused"] as const;

/** What stands on the first page, from lists that exist: each part loads, and fails, on its own. */
export function useHome(now: Date) {
  const atWork = useAtWork();
  const active = (atWork.data ?? []).some((job) => job.status !== "paused");
  const newest = useQuery({ ...jobsQuery({ limit: 100 }), refetchInterval: active ? 4 * EVERY.list : false });
  const datasets = useQuery({ ...datasetsQuery({ limit: 100 }), refetchInterval: active ? EVERY.list : false });
  const models = useQuery(modelsQuery({ limit: 3 }));
  const jobs = newest.data?.jobs ?? [];
  const sets = datasets.data;
  const isKnown = atWork.data && newest.data && sets;
  const facts = { failed: recentFailures(jobs, now).length, atWork: atWork.data ?? [], datasetsWithErrors: sets?.counts.error ?? 0 };
  return {
    atWork,
    models,
    sentence: isKnown ? homeSentence(facts, now) : "",
    steps: nextSteps(jobs, sets?.datasets ?? [], models.data?.models ?? [], now),
    again: () => Promise.all([atWork, newest, datasets, models].map((one) => one.refetch())),
    isPending: [newest, datasets, models, atWork].some(isOnItsWay),
    isFirstVisit: newest.data?.pagination.total === 0 && sets?.pagination.total === 0,
  };
}

const isOnItsWay = (one: { data: unknown; error: unknown }): boolean => one.data === undefined && one.error === null;

function useAtWork() {
  return useQueries({
    queries: AT_WORK.map((status) => jobsQuery({ status, limit: 5 })),
    combine: (answers) => ({
      data: answers.every((one) => one.data) ? answers.flatMap((one) => one.data?.jobs ?? []) : undefined,
      error: answers.find((one) => one.error)?.error ?? null,
      dataUpdatedAt: Math.min(...answers.map((one) => one.dataUpdatedAt)),
      refetch: () => Promise.all(answers.map((one) => one.refetch())),
    }),
  });
}
