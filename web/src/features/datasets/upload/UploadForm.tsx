import { useQuery } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { failureOf } from "@/lib/api/failure";
import { bytes, bytesLimit } from "@/lib/format";
import type { NewDataset } from "@/features/datasets/api/createDataset";
import { Checks, type ChecksChosen } from "@/features/datasets/Checks";

const HEAD = 64 * 1024;
type Declared = Omit<NewDataset, "file_name" | "file_size" | "sha256">;

interface Props {
  file: File;
  busy: boolean;
  error: unknown;
  initial: { name: string; description: string; checks: ChecksChosen };
  onStart: (declared: Declared) => void;
  onOther: () => void;
}

/** The file that was chosen, what it is called, and how it is checked. */
export function UploadForm({ file, busy, error, initial, onStart, onOther }: Props) {
  const [name, setName] = useState(initial.name);
  const [description, setDescription] = useState(initial.description);
  const [checks, setChecks] = useState(initial.checks);
  const limit = useCatalog().data?.limits.max_dataset_size_bytes ?? Infinity;
  const wrong = error ? failureOf(error).fields : {};
  const isTooLarge = file.size > limit;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    onStart({ name: name.trim(), description: description.trim() || null, ...checks });
  }

  return (
    <form className="panel pad section flex flex-col gap-5" onSubmit={submit}>
      <div className="flex flex-wrap items-baseline justify-between gap-3">
        <p>
          <b>{file.name}</b> <span className="cap num">{bytes(file.size)}</span>
        </p>
        <button type="button" className="link text-13" onClick={onOther}>
          Another file
        </button>
      </div>
      {isTooLarge ? (
        <p className="wrong" role="alert">
          This file has {bytes(file.size)}; the largest that is taken has {bytesLimit(limit)}.
        </p>
      ) : null}
      <FirstLines file={file} />
      <Field label="Name" required maxLength={200} value={name} wrong={wrong.name?.join(" ")} onChange={(event) => setName(event.target.value)} />
      <Field label="Description" value={description} wrong={wrong.description?.join(" ")} onChange={(event) => setDescription(event.target.value)} />
      <Checks value={checks} onChange={setChecks} open={Object.keys(wrong).some((field) => field in checks)} />
      <div>
        <button type="submit" className="btn btn-primary max-tablet:w-full" disabled={busy || isTooLarge || name.trim() === ""}>
          {busy ? "Reckoning its SHA-256 …" : "Upload and check"}
        </button>
        <ErrorNote error={error} />
      </div>
    </form>
  );
}

/** So that one sees that it is the right file. */
function FirstLines({ file }: { file: File }) {
  const { data } = useQuery({
    queryKey: ["first-lines", file.name, file.size, file.lastModified],
    queryFn: async () => (await file.slice(0, HEAD).text()).split("\n").filter((line) => line.trim()).slice(0, 3),
    enabled: !file.name.endsWith(".gz"),
    staleTime: Infinity,
  });
  if (!data) return null;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <pre className="code" tabIndex={0} aria-label="The first lines of the file">
      {data.map((line) => (line.length > 400 ? `${line.slice(0, 400)} …` : line)).join("\n")}
    </pre>
  );
}
