import { api, told } from "@/lib/api/client";

/** Posts a signed sample to one's own webhook now, and tells what that answered. */
export const testWebhook = async (): Promise<number> => (await told(api.POST("/api/notification-settings/test"))).status_code;
