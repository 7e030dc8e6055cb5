import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type User = Answer<"/api/admin/users/{user_id}", "get">;

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ["admin", "user", id],
    queryFn: ({ signal }) => told(api.GET("/api/admin/users/{user_id}", { params: { path: { user_id: id } }, signal })),
    refetchInterval: EVERY.admin,
  });

export const useUser = (id: string) => useQuery(userQuery(id));
