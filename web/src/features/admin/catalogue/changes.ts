/** What is different in another catalogue, by place: `gpus H100 · prices 0 · hourly_rate_usd`. */
export interface Change {
  place: string;
  before: string | undefined;
  after: string | undefined;
}

/** How rows of a list are told apart, so that one that moved is not taken for another. */
const NAMES = ["type", "id", "effective_from"] as const;

export function changesBetween(before: unknown, after: unknown): Change[] {
  const [was, is] = [flat(before), flat(after)];
  const places = [...new Set([...was.keys(), ...is.keys()])].sort();
  return places.filter((place) => was.get(place) !== is.get(place)).map((place) => ({ place, before: was.get(place), after: is.get(place) }));
}

function flat(value: unknown, place = "", found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) value.forEach((one: unknown, n) => flat(one, join(place, nameOf(one) ?? String(n + 1)), found));
  else if (typeof value === "object" && value !== null) for (const [name, inner] of Object.entries(value)) flat(inner, join(place, name), found);
  else found.set(place, String(value));
  return found;
}

function nameOf(row: unknown): string | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const named: Record<string, unknown> = { ...row };
  const found = NAMES.map((name) => named[name]).find((name) => typeof name === "string");
  return typeof found === "string" ? found : undefined;
}

const join = (place: string, step: string): string => (place === "" ? step : `${place} · ${step}`);

/** The text as a document, or what is wrong with it in the reader's words. */
export function documentOf(text: string): { document: Record<string, unknown> } | { wrong: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return { wrong: "A catalogue is a JSON object." };
    return { document: { ...value } };
  } catch (error) {
    return { wrong: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
