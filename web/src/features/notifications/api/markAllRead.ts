import { useMutation, useQueryClient } from "@tanstack/react-query";
import { announce } from "@/lib/announce";
import { api, told } from "@/lib/api/client";

/** Marks all as read, at most a thousand at once. */
export function useMarkAllRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => told(api.POST("/api/notifications/read-all")),
    onSuccess: async ({ unread_count }) => {
      announce(unread_count === 0 ? "All read" : `${unread_count} are still unread`);
      await client.invalidateQueries({ queryKey: ["notifications"] });
    },
  });
}
