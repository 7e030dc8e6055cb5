import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

const fetchPreview = (id: string, row: number, signal?: AbortSignal) =>
  told(api.GET("/api/datasets/{dataset_id}/preview", { params: { path: { dataset_id: id }, query: { row } }, signal }));

export type PreviewPage = Awaited<ReturnType<typeof fetchPreview>>;
type Preview = PreviewPage["preview"];
type Sequence = NonNullable<Preview["sequences"]>[number];
export type Token = Sequence["tokens"][number];

/** One line of the file as the trainer sees it; it never changes. */
const previewQuery = (id: string, row: number) =>
  queryOptions({
    queryKey: ["datasets", id, "preview", row],
    queryFn: ({ signal }) => fetchPreview(id, row, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });

export const usePreview = (id: string, row: number) => useQuery(previewQuery(id, row));
