import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Loaded } from "@/components/states/Loaded";
import { PageHead } from "@/components/PageHead";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { bytes, bytesLimit } from "@/lib/format";
import { datasetQuery, type Dataset } from "./api/getDataset";
import { USUAL } from "./Checks";
import { DropZone } from "./upload/DropZone";
import { DuplicateChoice } from "./upload/DuplicateChoice";
import { ResumeUpload } from "./upload/ResumeUpload";
import type { Handle } from "./upload/remember";
import { useUpload } from "./upload/use-upload";
import { UploadForm } from "./upload/UploadForm";
import { UploadProgress } from "./upload/UploadProgress";

const route = getRouteApi("/inside/datasets/new");

export function NewDatasetPage() {
  const { mends, resume } = route.useSearch();
  const about = mends ?? resume;
  const earlier = useQuery({ ...datasetQuery(about ?? ""), enabled: about !== undefined, refetchInterval: false });
  if (about === undefined) return <NewDataset />;
  return (
    <Loaded query={earlier} what="The dataset" skeleton={<PageSkeleton />} missing={{ thing: "dataset", to: "/datasets", list: "Datasets" }}>
      {(dataset) => <NewDataset {...(resume ? { unfinished: dataset } : { mended: dataset })} />}
    </Loaded>
  );
}

function NewDataset({ mended, unfinished }: { mended?: Dataset; unfinished?: Dataset }) {
  const upload = useUpload();
  const [chosen, setChosen] = useState<{ file: File; handle?: Handle | undefined }>();
  const limit = useCatalog().data?.limits.max_dataset_size_bytes;
  const now = useNow(1000).getTime();
  const { step } = upload;
  usePasted((pasted) => setChosen({ file: pasted }), !chosen && !unfinished);
  const file = chosen?.file;
  const isGoing = step.name === "sending" || step.name === "stopped" || step.name === "confirming";
  return (
    <>
      <PageHead title={titleOf(mended, unfinished)} crumb={{ to: "/datasets", label: "Datasets", here: "New" }} />
      <StateSentence text={sentenceOf(limit, unfinished)} silent />
      {!file && unfinished ? (
        <ResumeUpload
          dataset={unfinished}
          onFile={(found, handle) => {
            setChosen({ file: found, handle });
            void upload.resume(unfinished.id, found);
          }}
        />
      ) : null}
      {!file && !unfinished ? (
        <div className="section">
          <DropZone onFile={(next, handle) => setChosen({ file: next, handle })} />
        </div>
      ) : null}
      {file && !unfinished && (step.name === "choosing" || step.name === "preparing") ? (
        <UploadForm
          key={`${file.name} ${file.lastModified}`}
          file={file}
          busy={step.name === "preparing"}
          error={upload.error}
          initial={initialOf(file, mended)}
          onStart={(declared) => void upload.start(file, declared, chosen.handle)}
          onOther={() => setChosen(undefined)}
        />
      ) : null}
      {file && step.name === "duplicate" ? (
        <DuplicateChoice id={step.of} onUse={() => upload.cancel(step.id)} onAnyway={() => void upload.resume(step.id, file, step.offer)} />
      ) : null}
      {file && isGoing ? (
        <UploadProgress
          step={step}
          size={file.size}
          now={now}
          onResume={() => void upload.resume(step.id, file)}
          onCancel={() => void upload.cancel(step.id)}
        />
      ) : null}
    </>
  );
}

/** A file that is pasted is a file that is chosen. */
function usePasted(onFile: (file: File) => void, wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    const pasted = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (file) onFile(file);
    };
    window.addEventListener("paste", pasted);
    return () => window.removeEventListener("paste", pasted);
  });
}

function titleOf(mended: Dataset | undefined, unfinished: Dataset | undefined): string {
  if (mended) return `Mend ${mended.name}`;
  return unfinished ? unfinished.name : "New dataset";
}

function sentenceOf(limit: number | undefined, unfinished: Dataset | undefined): string {
  if (unfinished) return `${unfinished.file_name} has not arrived whole; ${bytes(unfinished.file_size)} were declared.`;
  return limit === undefined ? "Bring a file of conversations." : `Bring a file of conversations, up to ${bytesLimit(limit)}.`;
}

function initialOf(file: File, mended: Dataset | undefined) {
  if (!mended) return { name: file.name.replace(/\.(jsonl|json)?(\.gz)?$/i, ""), description: "", checks: USUAL };
  const waive: ("secret_suspect")[] = mended.waive.includes("secret_suspect") ? ["secret_suspect"] : [];
  const checks = { ...USUAL, over_length: mended.over_length, find_near_duplicates: mended.find_near_duplicates, waive };
  return { name: mended.name, description: mended.description ?? "", checks };
}
