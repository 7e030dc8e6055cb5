import { queryOptions } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Estimate, Order } from "@/features/jobs/api/getEstimate";

/** The price of one order, and of what else could be chosen, by the key of the card. */
export interface Prices {
  chosen: Estimate;
  variants: Record<string, Estimate | undefined>;
}

/**
 * One question per order: the chosen price first, then, until the API takes variants, one call per card.
 * A card that cannot be priced shows "–"; the chosen order failing fails the whole.
 */
export const pricesQuery = (order: Order, variants: Record<string, Order>) =>
  queryOptions({
    queryKey: ["prices", order],
    queryFn: async ({ signal }): Promise<Prices> => {
      const chosen = await told(api.POST("/api/jobs/estimate", { body: order, signal }));
      const priced = await Promise.all(
        Object.entries(variants).map(async ([key, variant]) => {
          const answer = await told(api.POST("/api/jobs/estimate", { body: variant, signal })).catch(() => undefined);
          return [key, answer] as const;
        }),
      );
      return { chosen, variants: Object.fromEntries(priced) };
    },
    staleTime: 5 * 60_000,
    retry: false,
  });
