import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer, Query } from "@/lib/api/types";

export type Costs = Answer<"/api/costs", "get">;
export type CostRecord = Costs["records"][number];
/** A period back from today, or two days, both included. */
export type Span = Pick<Query<"/api/costs", "get">, "period" | "start_date" | "end_date">;

/** Sums of the whole span, and its records page by page. */
export const useCosts = (span: Span) =>
  useInfiniteQuery({
    queryKey: ["costs", span],
    queryFn: ({ pageParam, signal }) => told(api.GET("/api/costs", { params: { query: { ...span, cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
    placeholderData: keepPreviousData,
  });
