import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { EmptyState } from "@/components/states/EmptyState";
import { FilterChips } from "@/components/FilterChips";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { SearchField } from "@/components/SearchField";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { datasetQuery } from "@/features/datasets/api/getDataset";
import { counted } from "@/lib/format";
import { jobStatusWord } from "@/lib/status";
import { useJobs } from "./api/listJobs";
import { JobList } from "./JobList";

const route = getRouteApi("/inside/training/jobs");
const STATUSES = ["queued", "initializing", "running", "paused", "completed", "failed", "cancelled"] as const;

export function JobsPage() {
  const { dataset, ...asked } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useJobs({ limit: 10, ...asked, ...(dataset ? { dataset_id: dataset } : {}) });
  const onSearch = useCallback((text: string) => void navigate({ search: (now) => ({ ...now, search: text || undefined, page: undefined }), replace: true }), [navigate]);
  const counts = query.data?.counts;
  const all = Object.values(counts ?? {}).reduce((sum, one) => sum + one, 0);
  const start = (
    <Link to="/training/configure" className="btn btn-primary">
      Train a model
    </Link>
  );
  return (
    <>
      <PageHead title="Training">{start}</PageHead>
      <StateSentence text={counts ? sentence(counts) : ""} pending={query.isPending} />
      <PhoneActions>{start}</PhoneActions>
      <div className="section mb-4 flex flex-wrap items-center gap-3">
        <SearchField label="Search jobs" value={asked.search ?? ""} onSearch={onSearch} />
        {dataset ? <OfDataset id={dataset} onAll={() => void navigate({ search: (now) => ({ ...now, dataset: undefined, page: undefined }) })} /> : null}
        <FilterChips
          label="Status"
          value={asked.status}
          options={[
            { value: undefined, label: "All", count: counts ? all : null },
            ...STATUSES.map((status) => ({ value: status, label: jobStatusWord(status), count: counts ? (counts[status] ?? 0) : null })),
          ]}
          onChange={(status) => void navigate({ search: (now) => ({ ...now, status, page: undefined }) })}
        />
      </div>
      <Loaded query={query} what="The jobs" skeleton={<Skeleton rows={6} height={70} />}>
        {({ jobs, pagination }) => (
          <>
            {jobs.length === 0 ? <Nothing filtered={all > 0} /> : <JobList jobs={jobs} />}
            <Pager
              page={pagination.page}
              pages={pagination.totalPages}
              total={pagination.total}
              of="jobs"
              go={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

/** Which dataset the list is narrowed to, and the way back to all. */
function OfDataset({ id, onAll }: { id: string; onAll: () => void }) {
  const name = useQuery({ ...datasetQuery(id), refetchInterval: false }).data?.name ?? "one dataset";
  return (
    <button type="button" className="chip" aria-pressed="true" aria-label={`Only ${name}; show those of every dataset`} onClick={onAll}>
      {name} ×
    </button>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  const link = filtered ? (
    <Link to="/training/jobs" search={{}} className="btn">
      Show all
    </Link>
  ) : (
    <Link to="/training/configure" className="btn">
      Train a model
    </Link>
  );
  return filtered ? (
    <EmptyState title="No job matches." action={link} />
  ) : (
    <EmptyState title="No job yet." action={link}>
      A job turns a ready dataset into a model; you see its price first.
    </EmptyState>
  );
}

function sentence(counts: Record<string, number>): string {
  if (Object.values(counts).every((one) => one === 0)) return "You have no job yet.";
  const at = (counts.queued ?? 0) + (counts.initializing ?? 0) + (counts.running ?? 0);
  const verb = at === 1 ? "is" : "are";
  const done = counts.completed ?? 0;
  return `${at === 0 ? "No job is" : `${counted(at, "job")} ${verb}`} at work; ${done} ${done === 1 ? "has" : "have"} finished.`;
}
