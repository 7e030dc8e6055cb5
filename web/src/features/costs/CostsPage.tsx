import { getRouteApi, Link } from "@tanstack/react-router";
import { EmptyState } from "@/components/states/EmptyState";
import { Figures } from "@/components/Figures";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { StateSentence } from "@/components/states/StateSentence";
import { useLimits, type Budget } from "@/features/account/api/getLimits";
import { useJobs } from "@/features/jobs/api/listJobs";
import { money } from "@/lib/format";
import { useCosts, type CostRecord, type Costs } from "./api/getCosts";
import { isByWeek, spanName } from "./bars";
import { COST_TYPES, CostTable } from "./CostTable";
import { CostsSkeleton } from "./CostsSkeleton";
import { PeriodPicker } from "./PeriodPicker";
import { SpendChart } from "./SpendChart";
import { costsSentence, jobsInWords, limitWarning, nothingSpent, spanOf } from "./span";

const route = getRouteApi("/inside/costs");

export function CostsPage() {
  const navigate = route.useNavigate();
  const span = spanOf(route.useSearch());
  const query = useCosts(span);
  const budget = useLimits().data;
  const costs = query.data?.pages[0];
  const shown = costs ? { start: costs.start_date, end: costs.end_date } : undefined;
  const picker = (
    <PeriodPicker
      span={span}
      shown={shown}
      onPeriod={(period) => void navigate({ search: { period } })}
      onDates={(start, end) => void navigate({ search: { start, end } })}
    />
  );
  const warning = limitWarning(budget);
  return (
    <>
      <PageHead title="Costs">{picker}</PageHead>
      <StateSentence text={costs ? costsSentence(span, costs, budget) : ""} pending={query.isPending} />
      <PhoneActions>{picker}</PhoneActions>
      {warning ? (
        <p className="note mt-4" data-tone="prep">
          {warning}
        </p>
      ) : null}
      <Loaded query={query} what="The costs" skeleton={<CostsSkeleton />}>
        {({ pages }) => {
          const [first] = pages;
          if (!first) return null;
          return (
            <>
              <Section title={isByWeek(first.chart_data) ? "By week" : "By day"} aside={<span className="num">{spanName(first.start_date, first.end_date)}</span>}>
                <div className="panel pad" aria-busy={query.isPlaceholderData}>
                  <SpendChart costs={first} />
                </div>
              </Section>
              <Spent costs={first} records={pages.flatMap((page) => page.records)} isWhole={!query.hasNextPage} budget={budget} />
              <ByJob
                total={first.total_cost}
                records={pages.flatMap((page) => page.records)}
                empty={nothingSpent(span, first)}
                more={query.hasNextPage ? { isBusy: query.isFetchingNextPage, go: () => void query.fetchNextPage() } : null}
              />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Spent({ costs, records, isWhole, budget }: { costs: Costs; records: CostRecord[]; isWhole: boolean; budget: Budget | undefined }) {
  const counts = useJobs({ limit: 1 }).data?.counts;
  const active = (counts?.queued ?? 0) + (counts?.initializing ?? 0) + (counts?.running ?? 0);
  const charged = new Set(records.filter((one) => one.cost_type === "training_compute").map((one) => one.job_id)).size;
  const types = Object.keys(COST_TYPES) as CostRecord["cost_type"][];
  return (
    <div className="section">
      <Figures
        items={[
          ...types.map((type) => ({
            label: COST_TYPES[type],
            value: money(costs.cost_by_type[type] ?? 0),
            ...(type === "training_compute" && isWhole && charged > 0 ? { note: jobsInWords(charged) } : {}),
          })),
          { label: "Reserved by active jobs", value: money(budget?.committed), note: active > 0 ? `${jobsInWords(active)}, at their worst` : undefined },
        ]}
      />
    </div>
  );
}

interface ByJobProps {
  total: number;
  records: CostRecord[];
  empty: string;
  more: { isBusy: boolean; go: () => void } | null;
}

function ByJob({ total, records, empty, more }: ByJobProps) {
  return (
    <Section title="By job" aside="Time spent waiting for a GPU is never charged.">
      {records.length === 0 ? (
        <EmptyState title={empty} action={<Link to="/training/jobs" className="btn">Jobs</Link>} />
      ) : (
        <CostTable records={records} total={total} />
      )}
      {more ? (
        <button type="button" className="btn mt-4" disabled={more.isBusy} onClick={more.go}>
          {more.isBusy ? "Loading …" : "Show more"}
        </button>
      ) : null}
    </Section>
  );
}
