import { api, told } from "@/lib/api/client";

const of = (id: string) => ({ params: { path: { user_id: id } } });

/** Shuts a user out or lets them in again; saying the same twice changes nothing. */
export const setAccess = (id: string, isIn: boolean) =>
  isIn ? told(api.POST("/api/admin/users/{user_id}/enable", of(id))) : told(api.POST("/api/admin/users/{user_id}/disable", of(id)));
