import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { datasetInterval } from "@/lib/polling";

export type Dataset = Answer<"/api/datasets/{dataset_id}", "get">;

export const datasetQuery = (id: string) => {
  const since = Date.now();
  return queryOptions({
    queryKey: ["datasets", id],
    queryFn: ({ signal }) => told(api.GET("/api/datasets/{dataset_id}", { params: { path: { dataset_id: id } }, signal })),
    refetchInterval: ({ state }) => datasetInterval(state.data?.status, since, Date.now()),
  });
};

export const useDataset = (id: string) => useQuery(datasetQuery(id));
