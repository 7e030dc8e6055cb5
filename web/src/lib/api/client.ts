import createClient from "openapi-fetch";
import { session } from "@/lib/auth/session";
import { ApiFailure } from "./failure";
import type { Paths } from "./types";

/** The calls of the API, typed by its description; each goes out with the identity of this tab. */
export const api = createClient<Paths>({ baseUrl: window.location.origin, fetch: send });

interface Answered {
  data?: unknown;
  error?: unknown;
  response: Response;
}
type Told<R extends Answered> = Extract<R["data"], { data: unknown }>["data"];

/** The `data` of an answer; a refusal is thrown as an `ApiFailure`. */
export async function told<R extends Answered>(answer: Promise<R>): Promise<Told<R>> {
  const { data, error, response } = await answer;
  if (!response.ok || typeof data !== "object" || data === null) throw ApiFailure.of(response, error);
  return (data as { data: Told<R> }).data;
}

/** The text of an answer that is a file: JSON Lines, CSV, a log. */
export async function text(path: string): Promise<string> {
  const response = await send(new Request(new URL(path, window.location.origin)));
  const body = await response.text();
  if (!response.ok) throw ApiFailure.of(response, readable(body));
  return body;
}

function readable(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** One call; a token that has run out is renewed once, and a session that is over says so. */
async function send(request: Request): Promise<Response> {
  await session.renewIfStale();
  const again = request.clone();
  const first = await reach(request);
  if (first.status !== 401 || !session.current()) return first;
  if (!(await session.renew())) {
    session.end("lost");
    return first;
  }
  return reach(again);
}

async function reach(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(session.headers())) request.headers.set(name, value);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiFailure.unreached();
  }
}
