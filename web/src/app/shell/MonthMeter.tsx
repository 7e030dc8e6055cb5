import { Link } from "@tanstack/react-router";
import { useLimits } from "@/features/account/api/getLimits";
import { money, monthName } from "@/lib/format";

/** What this month has cost, of what it may cost; leads to the costs. */
export function MonthMeter() {
  const { data } = useLimits();
  if (!data) return null;
  const limited = data.monthly_limit !== null;
  const of = limited ? ` of ${money(data.monthly_limit)}` : "";
  return (
    <Link to="/costs" className="num hidden items-center gap-2.5 text-13 text-ink-2 no-underline desk:flex">
      {limited ? (
        <span className="bar h-1.5 w-16" aria-hidden="true">
          <span className="bg-accent" style={{ width: `${share(data.spent, data.monthly_limit)}%` }} />
        </span>
      ) : null}
      {`${money(data.spent)}${of} in ${monthName(data.month)}`}
    </Link>
  );
}

function share(spent: number, limit: number | null): number {
  return limit ? Math.min(100, (spent / limit) * 100) : 100;
}
