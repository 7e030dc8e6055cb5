import { ApiFailure } from "@/lib/api/failure";
import type { Answer } from "@/lib/api/types";

/** Where people sign in: asked of the API, once. */
export interface Platform {
  region: string;
  userPoolId: string;
  clientId: string;
  cognitoEndpoint: string;
}

let asked: Promise<Platform> | null = null;

export function platform(): Promise<Platform> {
  asked ??= ask().catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

async function ask(): Promise<Platform> {
  const response = await fetch("/api/config").catch(() => {
    throw ApiFailure.unreached();
  });
  if (!response.ok) throw ApiFailure.of(response, null);
  const { data } = (await response.json()) as { data: Answer<"/api/config", "get"> };
  return { region: data.region, userPoolId: data.user_pool_id, clientId: data.user_pool_client_id, cognitoEndpoint: data.cognito_endpoint };
}
