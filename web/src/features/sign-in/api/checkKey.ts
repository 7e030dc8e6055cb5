import { api, told } from "@/lib/api/client";

/** Whether a key opens the API; a wrong one is refused. */
export async function checkKey(key: string): Promise<void> {
  await told(api.GET("/api/limits", { headers: { authorization: `Bearer ${key}` } }));
}
