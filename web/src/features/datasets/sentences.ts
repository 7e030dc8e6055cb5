import { bytes, count, counted, duration } from "@/lib/format";
import type { Dataset } from "./api/getDataset";

const BYTES_A_SECOND = 10_000_000;

export function listSentence(counts: Record<string, number>, total: number): string {
  const [ready, errors] = [counts.ready ?? 0, counts.error ?? 0];
  if (total === 0) return "You have no dataset yet.";
  const mend = errors === 0 ? "" : errors === 1 ? " One needs mending." : ` ${errors} need mending.`;
  return `${ready} of ${counted(total, "dataset")} ${ready === 1 ? "is" : "are"} ready to train on.${mend}`;
}

/** Whether a dataset is fit to train on, and if not, what to do. */
export function datasetSentence(dataset: Dataset): string {
  if (dataset.status === "uploading") return "The file has not arrived yet.";
  if (dataset.status === "validating") return reading(dataset);
  if (dataset.status === "error") return errors(dataset);
  if (!dataset.training_ready) return "Checked and kept, but there is nothing in it that can be trained on yet.";
  return ready(dataset);
}

function reading(dataset: Dataset): string {
  const seconds = Math.max(1, Math.round(dataset.file_size / BYTES_A_SECOND));
  return `Reading every line. ${bytes(dataset.file_size)} take about ${duration(seconds)}.`;
}

function errors(dataset: Dataset): string {
  if (dataset.rejected_rows === 0) return sentence(dataset.error_message ?? "It cannot be trained on.");
  return `${count(dataset.rejected_rows)} of ${counted(dataset.rows, "row")} cannot be trained on. Mend them and upload the file again; nothing has been charged.`;
}

function ready(dataset: Dataset): string {
  const { rows, trained_rows, skipped_rows } = dataset;
  if (skipped_rows > 0) {
    const rest = skipped_rows === 1 ? "1 has" : `${count(skipped_rows)} have`;
    return `Ready. ${count(trained_rows)} of ${counted(rows, "row")} will train; ${rest} nothing to learn.`;
  }
  const all = rows === 1 ? "Its one row" : `All ${count(rows)} rows`;
  const about = dataset.token_count_method === "estimate" ? "about " : "";
  return `Ready. ${all} will train: ${counted(dataset.total_training_pairs, "answer")}, ${about}${count(dataset.total_tokens)} tokens, ${count(dataset.trained_tokens)} of them learned.`;
}

/** A message of the API as a sentence: a capital and a full stop. */
function sentence(text: string): string {
  const begun = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
