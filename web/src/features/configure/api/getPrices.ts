import { queryOptions } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Estimate, Order } from "@/features/jobs/api/getEstimate";

/** What another card would choose; the rest is as in the order. */
export type Variant = NonNullable<Order["variants"]>[number];

/** The price of one order, and of what else could be chosen, by the key of the card. */
export interface Prices {
  chosen: Estimate;
  variants: Record<string, Estimate | undefined>;
}

/** One question prices the order and every card; the API answers the variants in the order they were asked in. */
export const pricesQuery = (order: Order, variants: Record<string, Variant>) =>
  queryOptions({
    queryKey: ["prices", order],
    queryFn: async ({ signal }): Promise<Prices> => {
      const chosen = await told(api.POST("/api/jobs/estimate", { body: { ...order, variants: Object.values(variants) }, signal }));
      const priced = Object.keys(variants).map((key, place) => [key, chosen.variants?.[place]] as const);
      return { chosen, variants: Object.fromEntries(priced) };
    },
    staleTime: 5 * 60_000,
    retry: false,
  });
