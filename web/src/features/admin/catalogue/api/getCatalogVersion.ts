import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";
import { EVERY } from "@/lib/polling";

export type CatalogVersion = Answer<"/api/admin/catalog", "get">;

const read = (version: number | undefined, signal: AbortSignal): Promise<CatalogVersion> => told(api.GET("/api/admin/catalog", { params: { query: { version } }, signal }));

/** The catalogue that holds. */
const catalogQuery = queryOptions({
  queryKey: ["admin", "catalog", "now"],
  queryFn: ({ signal }) => read(undefined, signal),
  refetchInterval: EVERY.admin,
});

/** One version; what was pushed never changes. */
export const versionQuery = (version: number) =>
  queryOptions({ queryKey: ["admin", "catalog", version], queryFn: ({ signal }) => read(version, signal), staleTime: Infinity });

export const useCatalogNow = () => useQuery(catalogQuery);
