import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer, Query } from "@/lib/api/types";
import { listInterval } from "@/lib/polling";

export type DatasetRow = Answer<"/api/datasets", "get">["datasets"][number];
type Asked = Query<"/api/datasets", "get">;

export const datasetsQuery = (query: Asked) =>
  queryOptions({
    queryKey: ["datasets", "list", query],
    queryFn: ({ signal }) => told(api.GET("/api/datasets", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => listInterval(state.data?.datasets),
  });

export const useDatasets = (query: Asked) => useQuery(datasetsQuery(query));
