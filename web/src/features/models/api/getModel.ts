import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

const getModel = (id: string, signal: AbortSignal) => told(api.GET("/api/models/{model_id}", { params: { path: { model_id: id } }, signal }));

export type Model = Awaited<ReturnType<typeof getModel>>;
export type Comparison = NonNullable<Model["comparison"]>;
export type Sample = Model["samples"][number];
export type StoredFile = Model["manifest"][number];

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ["models", id],
    queryFn: ({ signal }) => getModel(id, signal),
  });

export const useModel = (id: string) => useQuery(modelQuery(id));
