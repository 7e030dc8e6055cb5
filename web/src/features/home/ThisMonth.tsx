import { Link } from "@tanstack/react-router";
import { KeyValues } from "@/components/KeyValues";
import { Meter } from "@/components/states/Meter";
import { Section } from "@/components/Section";
import type { Budget } from "@/features/account/api/getLimits";
import { money, monthName } from "@/lib/format";

export function ThisMonth({ budget }: { budget: Budget }) {
  const limit = budget.monthly_limit;
  const month = monthName(budget.month);
  return (
    <Section title="This month" aside={<Link to="/costs">Costs</Link>} flush>
      <div className="panel pad num">
        <p className="text-32 font-semibold tracking-tight text-ink">{money(budget.spent)}</p>
        <p>{limit === null ? `in ${month}` : `of ${money(limit)} in ${month}`}</p>
        {limit === null ? (
          <p className="mt-3">No monthly limit is set.</p>
        ) : (
          <>
            <div className="mt-3.5 mb-2.5">
              <Meter
                parts={[
                  { share: budget.spent / limit, className: "bg-accent" },
                  { share: budget.committed / limit, className: "bg-accent opacity-35" },
                ]}
              />
            </div>
            <KeyValues
              items={[
                ["Spent", money(budget.spent)],
                ["Reserved by active jobs", money(budget.committed)],
                ["Free", money(budget.remaining)],
              ]}
            />
          </>
        )}
      </div>
    </Section>
  );
}
