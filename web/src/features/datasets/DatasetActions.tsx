import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { failureOf } from "@/lib/api/failure";
import { deleteDataset } from "./api/deleteDataset";
import type { Dataset } from "./api/getDataset";

export function DatasetActions({ dataset }: { dataset: Dataset }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      <Primary dataset={dataset} />
      <DeleteDialog dataset={dataset} open={asking} onClose={() => setAsking(false)} />
    </>
  );
}

function Primary({ dataset }: { dataset: Dataset }) {
  if (dataset.status === "error") {
    return (
      <Link to="/datasets/new" search={{ mends: dataset.id }} className="btn btn-primary">
        Upload the mended file
      </Link>
    );
  }
  if (dataset.status === "uploading") {
    return (
      <Link to="/datasets/new" search={{ resume: dataset.id }} className="btn btn-primary">
        Go on
      </Link>
    );
  }
  if (dataset.status !== "ready" || !dataset.training_ready) return null;
  return (
    <Link to="/training/configure" search={{ dataset: dataset.id }} className="btn btn-primary">
      Train on it
    </Link>
  );
}

function DeleteDialog({ dataset, open, onClose }: { dataset: Dataset; open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const gone = useMutation({
    mutationFn: () => deleteDataset(dataset.id),
    onSuccess: async () => {
      await navigate({ to: "/datasets" });
      client.removeQueries({ queryKey: ["datasets", dataset.id] });
      await client.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
  const inUse = gone.error && failureOf(gone.error).code === "dataset_in_use" ? jobsOf(failureOf(gone.error).details) : [];
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title="Delete this dataset?"
      keep="Keep it"
      act="Delete"
      busyWord="Deleting …"
      busy={gone.isPending}
      onAct={() => gone.mutate()}
      error={inUse.length > 0 ? undefined : gone.error}
    >
      <p>The file is put away and no job can be started on it. Models made from it stay.</p>
      {inUse.length > 0 ? (
        <p className="text-bad" role="alert">
          A job that has not ended needs it:{" "}
          {inUse.map((id) => (
            <Link key={id} to="/training/jobs/$id" params={{ id }} className="mr-2">
              {id.slice(0, 8)}
            </Link>
          ))}
        </p>
      ) : null}
    </ConfirmDialog>
  );
}

function jobsOf(details: Record<string, unknown>): string[] {
  const jobs = details.active_jobs;
  return Array.isArray(jobs) ? jobs.filter((job) => typeof job === "string") : [];
}
