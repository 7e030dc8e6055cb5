/** Reads search parameters of an address: what is not of the asked form is as if it were absent. */
type Raw = Record<string, unknown>;

export function word<const W extends readonly string[]>(raw: Raw, name: string, allowed: W): W[number] | undefined {
  const value = raw[name];
  return allowed.find((one) => one === value);
}

export function words(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function whole(raw: Raw, name: string): number | undefined {
  const value = Number(raw[name]);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

export function flag(raw: Raw, name: string): true | undefined {
  return raw[name] === true || raw[name] === "true" ? true : undefined;
}
