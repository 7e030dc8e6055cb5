import { api, told } from "@/lib/api/client";
import type { Answer, Body } from "@/lib/api/types";

export type NewKey = Answer<"/api/api-keys", "post">;

export type KeyOrder = Body<"/api/api-keys", "post">;

/** The secret is in this answer, and never again. */
export const createApiKey = (order: KeyOrder): Promise<NewKey> => told(api.POST("/api/api-keys", { body: order }));
