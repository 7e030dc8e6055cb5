import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type Catalog = Answer<"/api/catalog", "get">;

const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: ({ signal }) => told(api.GET("/api/catalog", { signal })),
  staleTime: 5 * 60_000,
});

export const useCatalog = () => useQuery(catalogQuery);
