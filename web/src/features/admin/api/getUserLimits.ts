import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

export const userLimitsQuery = (id: string) =>
  queryOptions({
    queryKey: ["admin", "limits", id],
    queryFn: ({ signal }) => told(api.GET("/api/admin/users/{user_id}/limits", { params: { path: { user_id: id } }, signal })),
  });

export const useUserLimits = (id: string) => useQuery(userLimitsQuery(id));
