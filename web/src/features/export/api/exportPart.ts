import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type ExportPart = Answer<"/api/me/export", "get">;

/** One part of everything that is kept: of one's own, or for administrators of a user's. */
export function exportPart(user: string | undefined, cursor: string | null, signal: AbortSignal): Promise<ExportPart> {
  if (user === undefined) return told(api.GET("/api/me/export", { params: { query: { cursor } }, signal }));
  return told(api.GET("/api/admin/users/{user_id}/export", { params: { path: { user_id: user }, query: { cursor } }, signal }));
}
