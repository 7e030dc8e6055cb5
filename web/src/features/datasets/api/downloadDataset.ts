import { api, told } from "@/lib/api/client";

/** Where the file can be fetched, as it was uploaded; each call signs anew. */
export const downloadDataset = async (id: string): Promise<string> => (await told(api.POST("/api/datasets/{dataset_id}/download", { params: { path: { dataset_id: id } } }))).url;
