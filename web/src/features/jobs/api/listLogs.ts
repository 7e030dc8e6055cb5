import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, text } from "@/lib/api/client";
import { ApiFailure } from "@/lib/api/failure";
import type { Answer, Query } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

type Logs = Answer<"/api/jobs/{job_id}/logs", "get">;
type Asked = Omit<Query<"/api/jobs/{job_id}/logs", "get">, "format">;
export type Level = NonNullable<Asked["level"]>;

async function fetchLogs(id: string, query: Asked, signal?: AbortSignal): Promise<Logs> {
  const { data, error, response } = await api.GET("/api/jobs/{job_id}/logs", { params: { path: { job_id: id }, query }, signal });
  if (!data || typeof data === "string") throw ApiFailure.of(response, error);
  return data.data;
}

/** Every event of one kind, the oldest first: of these the phases and the marks of the chart are made. */
const eventsQuery = (id: string, type: string, live: boolean) =>
  queryOptions({
    queryKey: ["jobs", id, "events", type],
    queryFn: async ({ signal }) => (await fetchLogs(id, { type, order: "oldest", limit: 100 }, signal)).events,
    refetchInterval: live ? EVERY.list : false,
  });

export const useEvents = (id: string, type: string, live: boolean) => useQuery(eventsQuery(id, type, live));

/** The whole story page by page, the newest first. */
const logQuery = (id: string, level: Level | undefined) =>
  infiniteQueryOptions({
    queryKey: ["jobs", id, "log", level],
    queryFn: ({ pageParam, signal }) => fetchLogs(id, { level, order: "newest", limit: 100, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.cursor ?? undefined,
  });

export const useLog = (id: string, level: Level | undefined) => useInfiniteQuery(logQuery(id, level));

export const logAsText = (id: string): Promise<string> => text(`/api/jobs/${encodeURIComponent(id)}/logs?format=text&order=oldest`);
export const lastLines = async (id: string): Promise<Logs["events"]> => (await fetchLogs(id, { order: "newest", limit: 20 })).events;
