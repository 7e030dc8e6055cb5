import { api, told } from "@/lib/api/client";

export const deleteModel = (id: string) => told(api.DELETE("/api/models/{model_id}", { params: { path: { model_id: id } } }));
