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
import { modelMark } from "@/lib/status";
import { useDatasets } from "@/features/datasets/api/listDatasets";
import { useModels } from "./api/listModels";
import { ModelCard } from "./ModelCard";
import { modelsSentence } from "./models-sentence";

const A_PAGE = 12;
const SORTS = [
  { value: "created_at", label: "Newest" },
  { value: "quality", label: "Quality" },
] as const;
const STATUSES = ["stored", "testing", "production", "archived"] as const;
const route = getRouteApi("/inside/models");

export function ModelsPage() {
  const { sort = "created_at", search, status, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const asked = { sort, page, limit: A_PAGE, ...(search ? { search } : {}), ...(status ? { status } : {}) };
  const query = useModels(asked);
  const best = useModels({ sort: "quality", limit: 1 });
  const onSearch = useCallback((text: string) => void navigate({ search: (now) => ({ ...now, search: text || undefined, page: undefined }), replace: true }), [navigate]);
  const counts = best.data?.counts;
  const isNone = best.data?.pagination.total === 0;
  return (
    <>
      <PageHead title="Models">{isNone ? null : <TrainOne />}</PageHead>
      <StateSentence text={best.data ? modelsSentence(best.data.pagination.total, best.data.models[0]) : ""} pending={best.isPending} />
      {isNone ? (
        <div className="section">
          <NoModels />
        </div>
      ) : (
        <>
          <PhoneActions>
            <TrainOne />
          </PhoneActions>
          <div className="mt-8 mb-4 flex flex-wrap items-center gap-3">
            <SearchField label="Search models" value={search ?? ""} onSearch={onSearch} />
            <div className="seg" role="group" aria-label="Order">
              {SORTS.map((one) => (
                <button key={one.value} type="button" aria-pressed={sort === one.value} onClick={() => void navigate({ search: (now) => ({ ...now, sort: one.value, page: undefined }) })}>
                  {one.label}
                </button>
              ))}
            </div>
            <FilterChips
              label="Status"
              value={status}
              options={[
                { value: undefined, label: "All", count: best.data?.pagination.total ?? null },
                ...STATUSES.map((one) => ({ value: one, label: modelMark(one).word, count: counts ? (counts[one] ?? 0) : null })),
              ]}
              onChange={(next) => void navigate({ search: (now) => ({ ...now, status: next, page: undefined }) })}
            />
          </div>
          <Loaded query={query} what="The models" skeleton={<CardsSkeleton cards={6} height={170} />}>
            {({ models, pagination }) => (
              <>
                {models.length === 0 ? (
                  <EmptyState
                    title="No model matches."
                    action={
                      <button type="button" className="btn" onClick={() => void navigate({ search: {} })}>
                        Show all
                      </button>
                    }
                  />
                ) : (
                  <ul className="grid3">
                    {models.map((model) => (
                      <ModelCard key={model.id} model={model} />
                    ))}
                  </ul>
                )}
                {pagination.complete === false ? <p className="cap mt-3">The search stopped early; type more of the name.</p> : null}
                <Pager page={page} pages={pagination.totalPages} total={pagination.total} of="models" go={(to) => void navigate({ search: (now) => ({ ...now, page: to }) })} />
              </>
            )}
          </Loaded>
        </>
      )}
    </>
  );
}

function TrainOne() {
  return (
    <Link to="/training/configure" className="btn btn-primary">
      Train a model
    </Link>
  );
}

function NoModels() {
  const ready = useDatasets({ status: "ready", limit: 1 }).data?.pagination.total;
  return (
    <EmptyState
      title="A model comes of a finished job."
      action={
        ready === 0 ? (
          <Link to="/datasets/new" className="btn btn-primary">
            Add a dataset
          </Link>
        ) : (
          <TrainOne />
        )
      }
    />
  );
}
