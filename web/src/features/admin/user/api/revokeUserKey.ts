import { api, told } from "@/lib/api/client";

export const revokeUserKey = (id: string, key: string) =>
  told(api.DELETE("/api/admin/users/{user_id}/api-keys/{key_id}", { params: { path: { user_id: id, key_id: key } } }));
