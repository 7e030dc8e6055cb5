import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type Model = Answer<"/api/models/{model_id}", "get">;
export type Comparison = NonNullable<Model["comparison"]>;
export type Sample = Model["samples"][number];
export type StoredFile = Model["manifest"][number];

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ["models", id],
    queryFn: ({ signal }) => told(api.GET("/api/models/{model_id}", { params: { path: { model_id: id } }, signal })),
  });

export const useModel = (id: string) => useQuery(modelQuery(id));
