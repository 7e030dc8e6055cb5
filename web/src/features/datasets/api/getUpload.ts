import { api, told } from "@/lib/api/client";

/** Fresh addresses for what has not come yet. */
export const getUpload = (id: string) => told(api.GET("/api/datasets/{dataset_id}/upload", { params: { path: { dataset_id: id } } }));
