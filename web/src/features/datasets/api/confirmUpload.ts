import { api, told } from "@/lib/api/client";

/** Everything has been sent: the size is checked, and every line is read. */
export const confirmUpload = (id: string) => told(api.POST("/api/datasets/{dataset_id}/confirm", { params: { path: { dataset_id: id } } }));
