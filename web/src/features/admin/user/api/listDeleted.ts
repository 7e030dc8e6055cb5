import { useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type DeletedThing = Answer<"/api/admin/users/{user_id}/deleted", "get">["deleted"][number];

export const deletedKey = (id: string) => ["admin", "deleted", id] as const;

/** What a user has deleted and is not erased yet. */
export const useDeleted = (id: string) =>
  useInfiniteQuery({
    queryKey: deletedKey(id),
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/admin/users/{user_id}/deleted", { params: { path: { user_id: id }, query: { cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    refetchInterval: EVERY.admin,
  });
