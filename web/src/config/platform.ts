/** Where people sign in: asked of the API once, else what the build was given. */
export interface Platform {
  region: string;
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
  const response = await fetch("/api/config");
  if (!response.ok) return built();
  const body = (await response.json()) as ConfigAnswer;
  return {
    region: body.data.region,
    clientId: body.data.user_pool_client_id,
    cognitoEndpoint: body.data.cognito_endpoint,
  };
}

function built(): Platform {
  const env = import.meta.env as Record<string, string | undefined>;
  const region = env.VITE_COGNITO_REGION ?? "us-east-1";
  return {
    region,
    clientId: env.VITE_COGNITO_CLIENT_ID ?? "",
    cognitoEndpoint: env.VITE_COGNITO_ENDPOINT ?? `https://cognito-idp.${region}.amazonaws.com`,
  };
}

interface ConfigAnswer {
  data: import("@/lib/api/types").Answer<"/api/config", "get">;
}
