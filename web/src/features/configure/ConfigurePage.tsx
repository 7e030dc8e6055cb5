import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { EmptyState } from "@/components/states/EmptyState";
import { Loaded } from "@/components/states/Loaded";
import { PageHead } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { datasetsQuery } from "@/features/datasets/api/listDatasets";
import { jobQuery } from "@/features/jobs/api/getJob";
import { ConfigureForm } from "./ConfigureForm";
import { formOf, freshForm } from "./form";

const route = getRouteApi("/inside/training/configure");

export function ConfigurePage() {
  const { dataset, from } = route.useSearch();
  const catalog = useCatalog();
  const datasets = useQuery(datasetsQuery({ limit: 100 }));
  const earlier = useQuery({ ...jobQuery(from ?? ""), enabled: from !== undefined, refetchInterval: false });
  const needed = [catalog, datasets, ...(from ? [earlier] : [])];
  const all = {
    data: catalog.data && datasets.data && (!from || earlier.data) ? { catalog: catalog.data, rows: datasets.data.datasets, job: earlier.data?.job } : undefined,
    error: needed.find((one) => one.error)?.error ?? null,
    dataUpdatedAt: catalog.dataUpdatedAt,
    refetch: () => Promise.all(needed.map((one) => one.refetch())),
  };
  return (
    <>
      <PageHead title="Configure training" crumb={{ to: "/training/jobs", label: "Training", here: "Configure" }} />
      <Loaded query={all} what="The form" skeleton={<PageSkeleton />}>
        {(known) =>
          known.rows.some((one) => one.training_ready) ? (
            <ConfigureForm
              key={from ?? dataset ?? "new"}
              catalog={known.catalog}
              datasets={known.rows}
              from={known.job}
              initial={known.job ? formOf(known.catalog, known.job) : freshForm(known.catalog, dataset)}
            />
          ) : (
            <NothingReady />
          )
        }
      </Loaded>
    </>
  );
}

function NothingReady() {
  return (
    <>
      <StateSentence text="No dataset is ready yet." />
      <div className="section">
        <EmptyState
          title="The price of a training is reckoned from a dataset."
          action={
            <Link to="/datasets/new" className="btn btn-primary">
              New dataset
            </Link>
          }
        >
          Bring a file of conversations; it is checked line by line, free of charge.
        </EmptyState>
      </div>
    </>
  );
}
