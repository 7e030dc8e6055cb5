const MOST = 1_000_000;

/** What is written in the field as the API takes it: empty is the limit of the stage. A text is what is wrong with it. */
export function limitOf(text: string): number | null | string {
  const plain = text.trim().replaceAll(/[$,]/g, "");
  if (plain === "") return null;
  const amount = Number(plain);
  if (!Number.isFinite(amount) || amount < 0) return "Write an amount in dollars, or leave it empty.";
  if (amount > MOST) return "At most $1,000,000.";
  return Math.round(amount * 100) / 100;
}
