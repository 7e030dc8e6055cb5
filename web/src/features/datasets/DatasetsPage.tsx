import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import { EmptyState } from "@/components/states/EmptyState";
import { FilterChips } from "@/components/FilterChips";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Pager } from "@/components/Pager";
import { SearchField } from "@/components/SearchField";
import { CardsSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useDatasets } from "./api/listDatasets";
import { DatasetCard } from "./DatasetCard";
import { listSentence } from "./sentences";

const route = getRouteApi("/inside/datasets");
const STATUSES = [
  { value: "uploading", label: "Uploading" },
  { value: "validating", label: "Validating" },
  { value: "ready", label: "Ready" },
  { value: "error", label: "Has errors" },
] as const;

export function DatasetsPage() {
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const query = useDatasets({ limit: 24, ...asked });
  const counts = query.data?.counts;
  const all = Object.values(counts ?? {}).reduce((sum, one) => sum + one, 0);
  const search = useCallback(
    (text: string) => void navigate({ search: (before) => ({ ...before, search: text || undefined, page: undefined }), replace: true }),
    [navigate],
  );

  return (
    <>
      <PageHead title="Datasets">
        <Actions />
      </PageHead>
      <StateSentence text={counts ? listSentence(counts, all) : ""} pending={query.isPending} />
      <PhoneActions>
        <Actions />
      </PhoneActions>
      <div className="section mb-4 flex flex-wrap items-center gap-4">
        <SearchField label="Search datasets" value={asked.search ?? ""} onSearch={search} />
        <FilterChips
          label="Status"
          value={asked.status}
          options={[{ value: undefined, label: "All", count: counts ? all : null }, ...STATUSES.map((one) => ({ ...one, count: counts ? (counts[one.value] ?? 0) : null }))]}
          onChange={(status) => void navigate({ search: (before) => ({ ...before, status, page: undefined }) })}
        />
      </div>
      <Loaded query={query} what="The datasets" skeleton={<CardsSkeleton cards={6} height={182} />}>
        {({ datasets, pagination }) => (
          <>
            {datasets.length === 0 ? <Nothing filtered={all > 0} /> : null}
            <ul className="grid3">
              {datasets.map((dataset) => (
                <DatasetCard key={dataset.id} dataset={dataset} known={datasets} />
              ))}
            </ul>
            {pagination.complete === false ? <p className="mt-4">The search stopped early; type more of the name.</p> : null}
            <Pager
              page={pagination.page}
              pages={pagination.totalPages}
              total={pagination.total}
              of="datasets"
              go={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyState
        title="No dataset matches."
        action={
          <Link to="/datasets" search={{}} className="btn">
            Show all
          </Link>
        }
      />
    );
  }
  return (
    <EmptyState
      title="No dataset yet."
      action={
        <Link to="/datasets/new" className="btn">
          New dataset
        </Link>
      }
    >
      Bring a file of conversations; it is checked line by line, free of charge.
    </EmptyState>
  );
}

function Actions() {
  return (
    <>
      <Link to="/datasets/import" className="btn">
        Import
      </Link>
      <Link to="/datasets/new" className="btn btn-primary">
        New dataset
      </Link>
    </>
  );
}
