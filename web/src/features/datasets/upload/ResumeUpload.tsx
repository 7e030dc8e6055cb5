import { useState } from "react";
import { bytes } from "@/lib/format";
import type { Dataset } from "@/features/datasets/api/getDataset";
import { DropZone } from "./DropZone";
import { recall, type Handle } from "./remember";

interface Props {
  dataset: Dataset;
  onFile: (file: File, handle?: Handle) => void;
}

/** Goes on with an upload: the file of before, if this browser may still read it, else chosen again and compared. */
export function ResumeUpload({ dataset, onFile }: Props) {
  const [wrong, setWrong] = useState<string>();
  const [asked, setAsked] = useState(false);

  function offer(file: File, handle?: Handle) {
    const isSame = file.size === dataset.file_size;
    setWrong(isSame ? undefined : `${file.name} has ${bytes(file.size)}; ${dataset.file_name} had ${bytes(dataset.file_size)}. It must be the same file.`);
    if (isSame) onFile(file, handle);
  }

  async function goOn() {
    const file = await recall(dataset.id);
    setAsked(true);
    if (file) offer(file);
  }

  return (
    <div className="section flex flex-col gap-4">
      {asked ? <p>Choose {dataset.file_name} again: what has arrived is not sent again.</p> : null}
      {asked ? (
        <DropZone onFile={offer} />
      ) : (
        <div>
          <p className="mb-4">What has arrived is kept for a day and is not sent again; the rest follows from where it broke off.</p>
          <button type="button" className="btn btn-primary max-tablet:w-full" onClick={() => void goOn()}>
            Go on
          </button>
        </div>
      )}
      {wrong ? (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
