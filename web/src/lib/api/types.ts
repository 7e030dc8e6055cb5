import type { paths as Paths } from "./schema";

export type { Paths };

type Answers<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends { responses: infer R }
  ? R extends { 200: { content: { "application/json": infer Body } } }
    ? Body
    : R extends { 201: { content: { "application/json": infer Body } } }
      ? Body
      : never
  : never;

/** The `data` that a call answers: `Answer<"/api/jobs", "get">`. */
export type Answer<P extends keyof Paths, M extends keyof Paths[P]> = Extract<Answers<P, M>, { data: unknown }>["data"];

/** What a call takes as its body. */
export type Body<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends {
  requestBody?: { content: { "application/json": infer B } };
}
  ? NonNullable<B>
  : never;

/** What a call takes as its query. */
export type Query<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends {
  parameters: { query?: infer Q };
}
  ? NonNullable<Q>
  : never;
