import type { Budget } from "@/features/account/api/getLimits";
import { money } from "@/lib/format";

export function limitsSentence(budget: Budget): string {
  if (budget.monthly_limit === null) return `No monthly limit is set; you have spent ${money(budget.spent)} this month.`;
  return `You may spend ${money(budget.monthly_limit)} a month; ${money(budget.remaining)} are free.`;
}

export function warningsInWords(budget: Budget): string {
  if (budget.monthly_limit === null) return "none, without a limit";
  return `at ${budget.warn_at_percent.map((percent) => `${percent} %`).join(" and ")} of the limit`;
}
