import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { Moment } from "@/components/values";
import { bytes, count, counted, formatName } from "@/lib/format";
import { datasetMark } from "@/lib/status";
import type { DatasetRow } from "./api/listDatasets";

export function DatasetCard({ dataset, known }: { dataset: DatasetRow; known: DatasetRow[] }) {
  const same = known.find((one) => one.id === dataset.duplicate_of);
  return (
    <li className="panel pad flex flex-col">
      <div className="flex items-start justify-between gap-2">
        <Link to="/datasets/$id" params={{ id: dataset.id }} className="name text-14 font-semibold">
          {dataset.name}
        </Link>
        <Badge mark={datasetMark(dataset)} />
      </div>
      <Facts dataset={dataset} />
      {same ? <p className="cap mt-1">Same content as {same.name}</p> : null}
      <div className="mt-auto flex min-h-9 items-end justify-between gap-2 pt-4">
        <span className="cap num">
          {bytes(dataset.file_size)} · <Moment at={dataset.created_at} />
        </span>
        <Way dataset={dataset} />
      </div>
    </li>
  );
}

function Facts({ dataset }: { dataset: DatasetRow }) {
  if (dataset.status === "uploading") return <p className="mt-2 text-13">{dataset.file_name}: not arrived yet</p>;
  if (dataset.status === "validating") return <p className="mt-2 text-13">Every line is being read.</p>;
  if (dataset.status === "error") {
    return (
      <div className="mt-2 text-13">
        <p className="text-bad">{counted(dataset.errors, "row")} to mend</p>
        <p className="line-clamp-2">{dataset.error_message}</p>
      </div>
    );
  }
  const about = dataset.token_count_method === "estimate" ? "about " : "";
  return (
    <div className="num mt-2 text-13">
      <p>{formatName(dataset.format)}</p>
      <p>
        <b>{count(dataset.total_training_pairs)}</b> pairs, {about}
        <b>{count(dataset.total_tokens)}</b> tokens
      </p>
    </div>
  );
}

function Way({ dataset }: { dataset: DatasetRow }) {
  if (dataset.status === "uploading") {
    return (
      <Link to="/datasets/new" search={{ resume: dataset.id }} className="text-13">
        Go on
      </Link>
    );
  }
  if (dataset.status === "ready" && dataset.training_ready) {
    return (
      <Link to="/training/configure" search={{ dataset: dataset.id }} className="text-13">
        Train on it
      </Link>
    );
  }
  return null;
}
