import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type NewKey = Answer<"/api/api-keys", "post">;

/** The secret is in this answer, and never again. */
export const createApiKey = (name: string): Promise<NewKey> => told(api.POST("/api/api-keys", { body: { name } }));
