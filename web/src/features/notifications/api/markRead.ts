import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

/** Marks one as read; the bell and the list then say so. */
export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => told(api.PATCH("/api/notifications/{notification_id}/read", { params: { path: { notification_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notifications"] }),
  });
}
