import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer, Query } from "@/lib/api/types";
import { listInterval } from "@/lib/polling";

export type JobRow = Answer<"/api/jobs", "get">["jobs"][number];
type Asked = Query<"/api/jobs", "get">;

export const jobsQuery = (query: Asked) =>
  queryOptions({
    queryKey: ["jobs", "list", query],
    queryFn: ({ signal }) => told(api.GET("/api/jobs", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => listInterval(state.data?.jobs),
  });

export const useJobs = (query: Asked) => useQuery(jobsQuery(query));
