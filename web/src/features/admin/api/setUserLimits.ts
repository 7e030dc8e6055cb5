import { api, told } from "@/lib/api/client";

/** A user's own monthly limit; null is the stage's, 0 is none at all. */
export const setUserLimits = (id: string, monthly_limit_usd: number | null) =>
  told(api.PUT("/api/admin/users/{user_id}/limits", { params: { path: { user_id: id } }, body: { monthly_limit_usd } }));
