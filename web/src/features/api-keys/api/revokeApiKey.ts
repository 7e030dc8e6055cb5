import { api, told } from "@/lib/api/client";

export const revokeApiKey = (id: string) => told(api.DELETE("/api/api-keys/{key_id}", { params: { path: { key_id: id } } }));
