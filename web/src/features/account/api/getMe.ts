import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";

interface Me {
  userId: string;
  email: string | null;
  admin: boolean;
}

const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me> => {
    const me = await told(api.GET("/api/me", { signal }));
    return { userId: me.user_id, email: me.email, admin: me.groups.includes("admin") };
  },
  staleTime: Infinity,
});

export const useMe = () => useQuery(meQuery);
