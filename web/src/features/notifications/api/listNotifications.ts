import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type Notification = Answer<"/api/notifications", "get">["notifications"][number];

/** The newest few, with how many are unread: what the bell shows. */
const bellQuery = queryOptions({
  queryKey: ["notifications", "bell"],
  queryFn: ({ signal }) => told(api.GET("/api/notifications", { params: { query: { limit: 8 } }, signal })),
  refetchInterval: EVERY.account,
});

export const useBell = () => useQuery(bellQuery);

export const useNotifications = (unread: boolean) =>
  useInfiniteQuery({
    queryKey: ["notifications", "list", unread],
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/notifications", { params: { query: { unread, cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY.account,
  });
