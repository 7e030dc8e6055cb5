import { queryOptions } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer, Body } from "@/lib/api/types";

export type Order = Body<"/api/jobs/estimate", "post">;
export type Estimate = Answer<"/api/jobs/estimate", "post">;

/** What an order would cost; an answer is kept by its order, so that going back costs no question. */
export const estimateQuery = (order: Order) =>
  queryOptions({
    queryKey: ["estimate", order],
    queryFn: ({ signal }) => told(api.POST("/api/jobs/estimate", { body: order, signal })),
    staleTime: 5 * 60_000,
    retry: false,
  });
