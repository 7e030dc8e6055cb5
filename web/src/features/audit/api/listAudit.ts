import { useInfiniteQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

type AuditPage = Answer<"/api/audit", "get">;
export type AuditEntry = AuditPage["entries"][number];

function fetchAudit(user: string | undefined, cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
  if (user === undefined) return told(api.GET("/api/audit", { params: { query: { cursor } }, signal }));
  return told(api.GET("/api/admin/users/{user_id}/audit", { params: { path: { user_id: user }, query: { cursor } }, signal }));
}

/** Who changed what, newest first: of one's own, or for administrators of a user's. */
export const useAudit = (user?: string) =>
  useInfiniteQuery({
    queryKey: ["audit", user ?? "me"],
    queryFn: ({ pageParam, signal }) => fetchAudit(user, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
  });
