import { api, told } from "@/lib/api/client";

export const deleteDataset = (id: string) => told(api.DELETE("/api/datasets/{dataset_id}", { params: { path: { dataset_id: id } } }));
