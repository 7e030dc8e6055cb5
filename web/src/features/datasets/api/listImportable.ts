import { useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type TrainingFile = Answer<"/api/training-files/available-for-import", "get">["training_files"][number];

export const useImportable = () =>
  useInfiniteQuery({
    queryKey: ["training-files"],
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/training-files/available-for-import", { params: { query: { cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
  });
