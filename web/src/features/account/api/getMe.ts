import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, told } from "@/lib/api/client";
import { ApiFailure } from "@/lib/api/failure";
import { claimsOf } from "@/lib/auth/claims";
import { session } from "@/lib/auth/session";

interface Me {
  email: string | null;
  admin: boolean;
}

const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me> => {
    try {
      const me = await told(api.GET("/api/me", { signal }));
      return { email: me.email, admin: me.groups.includes("admin") };
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 404) return otherwise();
      throw error;
    }
  },
  staleTime: Infinity,
});

export const useMe = () => useQuery(meQuery);

/** Where the API does not say it: a token says it itself; of a key one asks what only administrators are answered. */
async function otherwise(): Promise<Me> {
  const identity = session.current();
  if (identity?.kind === "tokens") return claimsOf(identity.tokens.idToken);
  const { response } = await api.GET("/api/admin/overview");
  return { email: null, admin: response.ok };
}
