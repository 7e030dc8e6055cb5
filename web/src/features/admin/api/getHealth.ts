import { useQuery } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { ApiFailure } from "@/lib/api/failure";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type Health = Answer<"/api/health", "get">;

const STANDS_STILL = 503;

export const useHealth = () =>
  useQuery({
    queryKey: ["admin", "health"],
    queryFn: async ({ signal }): Promise<Health> => {
      const { data, error, response } = await api.GET("/api/health", { signal });
      if (data) return data.data;
      // where the table or the bucket is gone, the same answer comes with another status
      const said: unknown = error;
      if (response.status === STANDS_STILL && isAnswer(said)) return said.data;
      throw ApiFailure.of(response, said);
    },
    refetchInterval: EVERY.admin,
  });

const isAnswer = (said: unknown): said is { data: Health } => typeof said === "object" && said !== null && "data" in said;
