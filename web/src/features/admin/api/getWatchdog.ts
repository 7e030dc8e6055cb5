import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

/** The watchdog's newest round; what a round before the first lacks is empty. */
export type Watchdog = Required<Answer<"/api/admin/watchdog", "get">>;

export const useWatchdog = () =>
  useQuery({
    queryKey: ["admin", "watchdog"],
    queryFn: async ({ signal }): Promise<Watchdog> => ({ at: null, orphans: 0, idle_costs: [], endpoints: [], ...(await told(api.GET("/api/admin/watchdog", { signal }))) }),
    refetchInterval: EVERY.admin,
  });
