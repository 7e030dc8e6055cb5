import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer, Query } from "@/lib/api/types";

export type ModelRow = Answer<"/api/models", "get">["models"][number];
type Asked = Query<"/api/models", "get">;

export const modelsQuery = (query: Asked) =>
  queryOptions({
    queryKey: ["models", "list", query],
    queryFn: ({ signal }) => told(api.GET("/api/models", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const useModels = (query: Asked) => useQuery(modelsQuery(query));
