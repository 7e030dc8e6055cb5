import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";
import { deliverySettingsQuery } from "./getDeliverySettings";

/** Switches a way on or off; the secret of a new webhook is in the answer, this once, and is kept nowhere else. */
export function useChangeDelivery() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Body<"/api/notification-settings", "patch">) => told(api.PATCH("/api/notification-settings", { body })),
    onSuccess: (after) => client.setQueryData(deliverySettingsQuery.queryKey, { ...after, webhook_secret: null }),
  });
}
