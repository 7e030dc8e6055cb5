import { text } from "@/lib/api/client";
import type { Span } from "./getCosts";

/** Every record of the span as a table for a spreadsheet. */
export function getCostsCsv(span: Span): Promise<string> {
  const asked = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(span)) if (value) asked.set(name, value);
  return text(`/api/costs?${asked}`);
}
