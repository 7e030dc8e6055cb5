import { delay, HttpResponse } from "msw";
import { scenario } from "./scenario";

/** An answer in the API's envelope; slow or refused where the scenario says so. */
export async function data(value: object, status = 200) {
  if (scenario("slow")) await delay(60_000);
  if (scenario("failing")) return refused(502, "provider_unavailable", "RunPod gave no usable answer");
  return HttpResponse.json({ success: true, data: value }, { status });
}

export function refused(status: number, code: string, error: string, details?: Record<string, unknown>) {
  return HttpResponse.json({ error, code, ...(details ? { details } : {}) }, { status });
}

/** One page of rows, newest first, with the pagination the API answers. */
export function paged<T>(rows: T[], url: URL, size = 25) {
  const page = Number(url.searchParams.get("page") ?? 1);
  const limit = Number(url.searchParams.get("limit") ?? size);
  const pagination = {
    page,
    limit,
    total: rows.length,
    totalPages: Math.ceil(rows.length / limit),
    cursor: null,
    complete: true,
  };
  return { rows: rows.slice((page - 1) * limit, page * limit), pagination };
}

export function tally(rows: { status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[row.status] = (counts[row.status] ?? 0) + 1;
  return counts;
}
