import { useMutation } from "@tanstack/react-query";
import { ErrorNote } from "@/components/states/ErrorNote";
import { announce } from "@/lib/announce";
import { fetchFile } from "@/lib/save";
import { downloadDataset } from "./api/downloadDataset";
import { downloadLedger } from "./api/downloadLedger";
import type { Dataset } from "./api/getDataset";
import { EditDataset } from "./EditDataset";

/** Its own file back, what became of each row, and its name. */
export function FileActions({ dataset }: { dataset: Dataset }) {
  const file = useMutation({ mutationFn: () => downloadDataset(dataset.id), onSuccess: (url) => fetchFile(dataset.file_name, url) });
  const ledger = useMutation({
    mutationFn: () => downloadLedger(dataset.id),
    onSuccess: (url) => (url ? fetchFile(`${dataset.name} rows.jsonl`, url) : announce("No ledger was kept")),
  });
  return (
    <div className="mt-4 flex flex-col gap-2">
      <EditDataset dataset={dataset} />
      {dataset.status === "uploading" ? null : (
        <button type="button" className="btn" disabled={file.isPending} onClick={() => file.mutate()}>
          {file.isPending ? "Asking for it …" : "Download the file"}
        </button>
      )}
      {dataset.rows > 0 ? (
        <button type="button" className="btn" disabled={ledger.isPending} onClick={() => ledger.mutate()}>
          {ledger.isPending ? "Asking for it …" : "Download what becomes of each row"}
        </button>
      ) : null}
      {ledger.data === null ? <p className="cap">It was checked before this was kept; upload it again to have it.</p> : null}
      <ErrorNote error={file.error ?? ledger.error} />
    </div>
  );
}
