import { api, told } from "@/lib/api/client";

/** Erases what was deleted within a minute: one thing, or all of it. */
export const purge = (id: string, thing?: string) =>
  told(api.POST("/api/admin/users/{user_id}/purge", { params: { path: { user_id: id } }, body: { ids: thing === undefined ? null : [thing] } }));
