import { api, told } from "@/lib/api/client";

/** Shuts a user out and erases everything of theirs, now. */
export const eraseUser = (id: string) =>
  told(api.POST("/api/admin/users/{user_id}/erase", { params: { path: { user_id: id } }, body: { confirm: "erase everything" } }));
