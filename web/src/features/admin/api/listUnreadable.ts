import { useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type Unreadable = Answer<"/api/admin/unreadable", "get">["items"][number];

/** What was set aside because nobody could read it. */
export const useUnreadable = () =>
  useInfiniteQuery({
    queryKey: ["admin", "unreadable"],
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/admin/unreadable", { params: { query: { cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    refetchInterval: EVERY.admin,
  });
