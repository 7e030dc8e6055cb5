import { getRouteApi } from "@tanstack/react-router";
import { useRef } from "react";
import { Badge } from "@/components/Badge";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { bytes, formatName, moment } from "@/lib/format";
import { datasetMark } from "@/lib/status";
import { useDataset, type Dataset } from "./api/getDataset";
import { DatasetActions } from "./DatasetActions";
import { DatasetFigures, Histograms } from "./DatasetFigures";
import { DatasetJobs } from "./DatasetJobs";
import { FilePanel } from "./FilePanel";
import { Ledger } from "./rows/Ledger";
import { Problems } from "./Problems";
import { RowPreview } from "./rows/RowPreview";
import { datasetSentence } from "./sentences";

const route = getRouteApi("/inside/datasets/$id");
const LISTED = 1000;

export function DatasetPage() {
  const { id } = route.useParams();
  const query = useDataset(id);
  return (
    <Loaded query={query} what="The dataset" skeleton={<PageSkeleton />} missing={{ thing: "dataset", to: "/datasets", list: "Datasets" }}>
      {(dataset) => <Shown dataset={dataset} />}
    </Loaded>
  );
}

function Shown({ dataset }: { dataset: Dataset }) {
  const { line } = route.useSearch();
  const navigate = route.useNavigate();
  const preview = useRef<HTMLDivElement>(null);
  const isChecked = dataset.status === "ready" || dataset.status === "error";
  const goToLine = (next: number) => void navigate({ search: (before) => ({ ...before, line: next }), replace: true, resetScroll: false });
  return (
    <>
      <PageHead title={dataset.name} crumb={{ to: "/datasets", label: "Datasets", here: "Dataset" }} badge={<Badge mark={datasetMark(dataset)} />}>
        <DatasetActions dataset={dataset} />
      </PageHead>
      <StateSentence text={datasetSentence(dataset)} />
      <p className="why">{aboutFile(dataset)}</p>
      {dataset.description ? <p className="why">{dataset.description}</p> : null}
      <PhoneActions>
        <DatasetActions dataset={dataset} />
      </PhoneActions>
      {isChecked ? (
        <>
          {dataset.status === "ready" ? <DatasetFigures dataset={dataset} /> : null}
          {dataset.rows > 0 ? <Ledger dataset={dataset} /> : null}
          {dataset.errors + dataset.warnings > 0 ? (
            <Problems
              dataset={dataset}
              onLine={(next) => {
                goToLine(next);
                preview.current?.scrollIntoView({ block: "start" });
              }}
            />
          ) : null}
          <Histograms dataset={dataset} />
          {dataset.rows > 0 ? (
            <div ref={preview}>
              <RowPreview dataset={dataset} line={line ?? firstLine(dataset)} onLine={goToLine} />
            </div>
          ) : null}
        </>
      ) : null}
      <div className="two section">
        {dataset.training_ready ? <DatasetJobs id={dataset.id} /> : null}
        <FilePanel dataset={dataset} />
      </div>
    </>
  );
}

/** The first bad line; else the first that holds data, which in a v4 file is the second. */
function firstLine(dataset: Dataset): number {
  const bad = dataset.validation_errors.find((problem) => problem.severity === "error" && problem.line > 0);
  return bad?.line ?? (dataset.format === "brightrun_v4" ? 2 : 1);
}

function aboutFile(dataset: Dataset): string {
  const facts = [dataset.file_name, bytes(dataset.file_size)];
  if (dataset.format) facts.push(formatName(dataset.format));
  const problems = dataset.errors + dataset.warnings;
  if (!dataset.validated_at) return `${facts.join(", ")}.`;
  const none = problems === 0 ? " with no error and no warning" : "";
  const whole = problems > LISTED ? `The first 1,000 of ${problems.toLocaleString("en-US")} are listed; the totals are exact.` : "Every line was read; this list is complete.";
  const at = moment(dataset.validated_at).replace(", ", " at ");
  const checked = `checked ${at.includes(" ") ? "on" : "at"} ${at}${none}.`;
  return `${facts.join(", ")}, ${checked}${problems > 0 ? ` ${whole}` : ""}`;
}
