import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { jobInterval } from "@/lib/polling";

export type JobPageData = Answer<"/api/jobs/{job_id}", "get">;
export type Job = JobPageData["job"];
export type Point = JobPageData["metrics"][number];
export type JobEvent = JobPageData["events"][number];
export type Attempt = JobPageData["attempts"][number];

const RESOLUTION = 400;

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", id],
    queryFn: ({ signal }) =>
      told(api.GET("/api/jobs/{job_id}", { params: { path: { job_id: id }, query: { resolution: RESOLUTION } }, signal })),
    refetchInterval: ({ state }) => jobInterval(state.data?.job),
  });

export const useJob = (id: string) => useQuery(jobQuery(id));
