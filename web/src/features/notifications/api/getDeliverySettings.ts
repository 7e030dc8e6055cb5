import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type DeliverySettings = Answer<"/api/notification-settings", "get">;

export const deliverySettingsQuery = queryOptions({
  queryKey: ["notification-settings"],
  queryFn: ({ signal }) => told(api.GET("/api/notification-settings", { signal })),
});

export const useDeliverySettings = () => useQuery(deliverySettingsQuery);
