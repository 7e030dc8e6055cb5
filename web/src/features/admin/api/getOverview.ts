import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type AdminOverview = Answer<"/api/admin/overview", "get">;

export const useOverview = () =>
  useQuery({ queryKey: ["admin", "overview"], queryFn: ({ signal }) => told(api.GET("/api/admin/overview", { signal })), refetchInterval: EVERY.admin });
