import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type Budget = Answer<"/api/limits", "get">;

const limitsQuery = queryOptions({
  queryKey: ["limits"],
  queryFn: ({ signal }) => told(api.GET("/api/limits", { signal })),
  refetchInterval: EVERY.account,
});

export const useLimits = () => useQuery(limitsQuery);
