import { api, told } from "@/lib/api/client";

/** Where the whole ledger can be fetched, a line for each row; null where none was kept. */
export const downloadLedger = async (id: string): Promise<string | null> =>
  (await told(api.GET("/api/datasets/{dataset_id}/ledger", { params: { path: { dataset_id: id }, query: { limit: 1 } } }))).download_url;
