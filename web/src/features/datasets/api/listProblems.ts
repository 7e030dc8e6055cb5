import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, text } from "@/lib/api/client";
import { ApiFailure } from "@/lib/api/failure";
import type { Answer, Query } from "@/lib/api/types";

export type Problems = Answer<"/api/datasets/{dataset_id}/errors", "get">;
export type Problem = Problems["problems"][number];
type Asked = Omit<Query<"/api/datasets/{dataset_id}/errors", "get">, "format">;

const PAGE = 50;

const problemsQuery = (id: string, query: Asked) =>
  queryOptions({
    queryKey: ["datasets", id, "problems", query],
    queryFn: async ({ signal }): Promise<Problems> => {
      const asked = { path: { dataset_id: id }, query: { limit: PAGE, ...query } };
      const { data, error, response } = await api.GET("/api/datasets/{dataset_id}/errors", { params: asked, signal });
      if (!data || typeof data === "string") throw ApiFailure.of(response, error);
      return data.data;
    },
    placeholderData: keepPreviousData,
  });

export const useProblems = (id: string, query: Asked) => useQuery(problemsQuery(id, query));

/** Every problem of a dataset, one JSON object a line, to be saved. */
export const problemsAsLines = (id: string): Promise<string> => text(`/api/datasets/${encodeURIComponent(id)}/errors?format=jsonl`);
