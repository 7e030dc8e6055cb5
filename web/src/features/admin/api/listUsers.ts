import { useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type UserRow = Answer<"/api/admin/users", "get">["users"][number];

export const useUsers = () =>
  useInfiniteQuery({
    queryKey: ["admin", "users"],
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/admin/users", { params: { query: { cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    refetchInterval: EVERY.admin,
  });
