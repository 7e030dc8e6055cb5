import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type Delivery = Answer<"/api/notification-deliveries", "get">["deliveries"][number];

const NEWEST = 10;

export const useDeliveries = () =>
  useQuery({
    queryKey: ["notification-deliveries"],
    queryFn: ({ signal }) => told(api.GET("/api/notification-deliveries", { params: { query: { limit: NEWEST } }, signal })),
  });
