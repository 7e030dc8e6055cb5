import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type ApiKey = Answer<"/api/api-keys", "get">["api_keys"][number];

const apiKeysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ signal }) => told(api.GET("/api/api-keys", { signal })),
});

export const useApiKeys = () => useQuery(apiKeysQuery);
