import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSettled } from "@/components/hooks/use-settled";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Order } from "@/features/jobs/api/getEstimate";
import { announce } from "@/lib/announce";
import { durationSpoken } from "@/lib/format";
import { pricesQuery } from "./api/getPrices";
import { orderOf, variantsOf, type Form } from "./form";

const REST = 500;
const NOTHING = {} as Order;

/** The price 500 ms after the last change; the question before it is given up, and old figures stay, greyed, until the new ones are here. */
export function usePrices(form: Form, catalog: Catalog) {
  const { value: asked, settling } = useSettled(form, REST);
  const order = orderOf(asked, catalog);
  const query = useQuery({
    ...pricesQuery(order ?? NOTHING, variantsOf(asked, catalog)),
    enabled: order !== null,
    placeholderData: keepPreviousData,
  });
  const estimate = query.data?.chosen;
  const isOld = settling || query.isPlaceholderData || query.isFetching;
  useEffect(() => {
    if (!estimate || isOld) return;
    announce(`About ${estimate.estimated_cost.toFixed(2)} dollars, ${durationSpoken(estimate.estimated_duration_hours * 3600)}`);
  }, [estimate, isOld]);
  return {
    estimate: order ? estimate : undefined,
    variants: query.data?.variants ?? {},
    isOld,
    /** A price that is of this very order, so that it may be started. */
    isCurrent: order !== null && !isOld && !query.error,
    error: settling ? null : query.error,
    refetch: query.refetch,
  };
}

export type PricesState = ReturnType<typeof usePrices>;
