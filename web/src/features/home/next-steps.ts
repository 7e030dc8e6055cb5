import type { DatasetRow } from "@/features/datasets/api/listDatasets";
import type { JobRow } from "@/features/jobs/api/listJobs";
import type { ModelRow } from "@/features/models/api/listModels";
import { count } from "@/lib/format";

const DAY = 24 * 3600 * 1000;
const AT_MOST = 3;

export interface NextStep {
  key: string;
  title: string;
  reason: string;
  action: string;
  to: "job" | "dataset" | "upload" | "configure" | "model";
  id: string;
}

export function recentFailures(jobs: JobRow[], now: Date): JobRow[] {
  return jobs.filter((job) => job.status === "failed" && now.getTime() - Date.parse(job.completed_at ?? job.updated_at) < 3 * DAY);
}

/** What needs somebody, at most three, the most urgent first. */
export function nextSteps(jobs: JobRow[], datasets: DatasetRow[], models: ModelRow[], now: Date): NextStep[] {
  const used = new Set(jobs.map((job) => job.dataset_id));
  const having = (status: string) => datasets.filter((one) => one.status === status);
  const steps = [
    ...recentFailures(jobs, now).map(failure),
    ...having("error").map(errors),
    ...having("uploading").map(unfinished),
    ...having("ready").filter((one) => one.training_ready && !used.has(one.id)).map(untrained),
    ...models.filter((one) => one.status === "stored" && now.getTime() - Date.parse(one.created_at) < DAY).map(fresh),
  ];
  return steps.slice(0, AT_MOST);
}

function failure(job: JobRow): NextStep {
  const reason = job.error_message ?? "It says no reason.";
  return { key: job.id, title: `“${job.name}” failed`, reason, action: "See why", to: "job", id: job.id };
}

function errors(dataset: DatasetRow): NextStep {
  return {
    key: dataset.id,
    title: `Mend ${count(dataset.errors)} rows of “${dataset.name}”`,
    reason: dataset.error_message ?? "",
    action: "See the rows",
    to: "dataset",
    id: dataset.id,
  };
}

function unfinished(dataset: DatasetRow): NextStep {
  const reason = `${dataset.file_name} never arrived whole; what has arrived is kept for a day`;
  return { key: dataset.id, title: `Finish uploading “${dataset.name}”`, reason, action: "Go on", to: "upload", id: dataset.id };
}

function untrained(dataset: DatasetRow): NextStep {
  const reason = `Ready with ${count(dataset.total_training_pairs)} training pairs; no job has used it yet`;
  return { key: dataset.id, title: `Train on “${dataset.name}”`, reason, action: "Configure", to: "configure", id: dataset.id };
}

function fresh(model: ModelRow): NextStep {
  return { key: model.id, title: `“${model.name}” is ready`, reason: model.quality_metrics.reason, action: "Look at it", to: "model", id: model.id };
}
