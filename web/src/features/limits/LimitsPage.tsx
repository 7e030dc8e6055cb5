import { KeyValues } from "@/components/KeyValues";
import { Loaded } from "@/components/states/Loaded";
import { Meter } from "@/components/states/Meter";
import { PageHead } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useLimits, type Budget } from "@/features/account/api/getLimits";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { useJobs } from "@/features/jobs/api/listJobs";
import { ABSENT, bytesLimit, count, money, monthName } from "@/lib/format";
import { limitsSentence, warningsInWords } from "./words";

/** What may be spent, started and sent; only an administrator changes it. */
export function LimitsPage() {
  const limits = useLimits();
  return (
    <>
      <PageHead title="Limits" />
      <StateSentence text={limits.data ? limitsSentence(limits.data) : ""} pending={limits.isPending} />
      <p className="why">Set by your administrator.</p>
      <div className="two section">
        <Section title="This month" flush>
          <Loaded query={limits} what="The limits" skeleton={<Skeleton rows={1} height={172} />}>
            {(budget) => <Month budget={budget} />}
          </Loaded>
        </Section>
        <Others budget={limits.data} />
      </div>
    </>
  );
}

function Month({ budget }: { budget: Budget }) {
  const limit = budget.monthly_limit;
  const share = (value: number) => (limit ? value / limit : 0);
  return (
    <div className="panel pad">
      <p className="num text-32 font-semibold text-ink">{money(budget.spent)}</p>
      <p className="num mb-4">{limit === null ? `in ${monthName(budget.month)}; no monthly limit is set` : `of ${money(limit)} in ${monthName(budget.month)}`}</p>
      {limit === null ? null : (
        <div className="mb-4">
          <Meter
            parts={[
              { share: share(budget.spent), className: "bg-accent" },
              { share: share(budget.committed), className: "bg-accent/40" },
            ]}
          />
        </div>
      )}
      <KeyValues
        items={[
          ["Spent", money(budget.spent)],
          ["Reserved by active jobs", money(budget.committed)],
          ["Free", limit === null ? "no limit" : money(budget.remaining)],
        ]}
      />
    </div>
  );
}

function Others({ budget }: { budget: Budget | undefined }) {
  const catalog = useCatalog();
  const counts = useJobs({ limit: 1 }).data?.counts;
  const active = counts ? (counts.queued ?? 0) + (counts.initializing ?? 0) + (counts.running ?? 0) : undefined;
  return (
    <Section title="Everything else" flush>
      <Loaded query={catalog} what="The other limits" skeleton={<Skeleton rows={1} height={124} />}>
        {({ limits }) => (
          <div className="panel pad">
            <KeyValues
              items={[
                ["Active jobs", `${count(active)} of ${count(limits.max_active_jobs)}`],
                ["GPUs of a job", `${count(limits.max_gpu_count)} at most`],
                ["Largest file", bytesLimit(limits.max_dataset_size_bytes)],
                ["Warnings", budget ? warningsInWords(budget) : ABSENT],
              ]}
            />
          </div>
        )}
      </Loaded>
    </Section>
  );
}
