import type { components } from "./schema";

type Envelope = components["schemas"]["ErrorResponse"];

/** What the API refused, in its own words; `status` 0 means that nothing answered. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly retryAfter: number | null;

  constructor(status: number, envelope: Partial<Envelope>, retryAfter: number | null = null) {
    super(envelope.error ?? "The server had an accident; it is logged.");
    this.name = "ApiFailure";
    this.status = status;
    this.code = envelope.code ?? "accident";
    this.details = envelope.details ?? {};
    this.retryAfter = retryAfter;
  }

  get unreachable(): boolean {
    return this.status === 0;
  }

  /** Field → messages of a refused form. */
  get fields(): Record<string, string[]> {
    if (this.status !== 400) return {};
    const listed = Object.entries(this.details).filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
    return Object.fromEntries(listed);
  }

  static unreached(): ApiFailure {
    return new ApiFailure(0, { error: "BrightRun cannot be reached. Your jobs go on without this page.", code: "unreachable" });
  }

  static of(response: Response, body: unknown): ApiFailure {
    const after = Number(response.headers.get("retry-after"));
    const envelope = isEnvelope(body) ? body : {};
    return new ApiFailure(response.status, envelope, Number.isFinite(after) && after > 0 ? after : null);
  }
}

function isEnvelope(body: unknown): body is Envelope {
  return typeof body === "object" && body !== null && "error" in body && "code" in body;
}

export function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure(-1, { error: error instanceof Error ? error.message : String(error), code: "accident" });
}
