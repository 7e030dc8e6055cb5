import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type UserErasure = Answer<"/api/admin/users/{user_id}/erasure", "get">;

export const erasureQuery = (id: string) =>
  queryOptions({
    queryKey: ["admin", "erasure", id],
    queryFn: ({ signal }) => told(api.GET("/api/admin/users/{user_id}/erasure", { params: { path: { user_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "erased" ? false : EVERY.admin),
  });

export const useErasure = (id: string) => useQuery(erasureQuery(id));
