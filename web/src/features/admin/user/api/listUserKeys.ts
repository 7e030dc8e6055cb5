import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

export const userKeysQuery = (id: string) =>
  queryOptions({
    queryKey: ["admin", "keys", id],
    queryFn: ({ signal }) => told(api.GET("/api/admin/users/{user_id}/api-keys", { params: { path: { user_id: id } }, signal })),
  });

export const useUserKeys = (id: string) => useQuery(userKeysQuery(id));
