/** Calls that are agreed on and not yet in the API's description. Each entry is ignored as soon as the description has it. */
export interface PlannedPaths {
  "/api/config": Read<{
    stage: string;
    region: string;
    user_pool_id: string;
    user_pool_client_id: string;
    cognito_endpoint: string;
    api_base: string;
  }>;
  "/api/me": Read<{ email: string | null; user_id: string; groups: string[] }>;
}

interface Read<Data> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  get: {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    requestBody?: never;
    responses: { 200: { headers: Record<string, unknown>; content: { "application/json": { success?: true; data: Data } } } };
  };
}
