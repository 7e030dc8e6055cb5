import { QueryClient } from "@tanstack/react-query";
import { ApiFailure } from "@/lib/api/failure";

const TRIES = 2;
const LONGEST_PAUSE = 30_000;

/** Reads are tried again when nothing answered or the server had an accident, never when it refused. */
function again(failed: number, error: Error): boolean {
  if (!(error instanceof ApiFailure)) return false;
  return failed < TRIES && (error.unreachable || error.status === 429 || error.status >= 500);
}

function pause(failed: number, error: Error): number {
  const asked = error instanceof ApiFailure ? error.retryAfter : null;
  return asked === null ? Math.min(1000 * 2 ** failed, LONGEST_PAUSE) : asked * 1000;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: again, retryDelay: pause, staleTime: 2_000, refetchOnWindowFocus: "always", networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
