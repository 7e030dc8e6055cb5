import { Section } from "@/components/Section";
import { count, counted } from "@/lib/format";
import type { Comparison } from "./api/getModel";
import { Interval } from "./Interval";
import { lossMoved, promptGain } from "./verdict";

export function BaseAgainstAdapter({ comparison }: { comparison: Comparison }) {
  const { moved, by, between } = lossMoved(comparison);
  const gain = promptGain(comparison);
  const measured = `${counted(comparison.rows, "held-out row")}, ${count(comparison.tokens)} tokens`;
  return (
    <Section title="Base against adapter" aside={<span className="num">{measured}</span>}>
      <div className="panel pad grid items-center gap-x-10 gap-y-4 desk:grid-cols-[minmax(0,1fr)_400px]">
        <Interval comparison={comparison} />
        <div className="num">
          <p className="text-ink">
            The loss on held-out answers {moved} by <b>{by}</b>; with 95 % confidence by <b className="whitespace-nowrap">{between}</b>.
          </p>
          {gain ? <p className="mt-2.5">{gain}</p> : null}
        </div>
      </div>
    </Section>
  );
}
