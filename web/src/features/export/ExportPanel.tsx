import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { announce } from "@/lib/announce";
import { counted } from "@/lib/format";
import { save } from "@/lib/save";
import { exportPart } from "./api/exportPart";
import { fetchScript, gather, type Gathered } from "./gather";

/** Everything that is kept of a user, gathered in this browser: the records as a file, and where each file is. */
export function ExportPanel({ user, name }: { user?: string; name: string }) {
  const [soFar, setSoFar] = useState<Gathered>();
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const gathering = useMutation({
    mutationFn: () => {
      const stop = new AbortController();
      running.current = stop;
      setSoFar({ lines: [], files: [] });
      return gather((cursor) => exportPart(user, cursor, stop.signal), setSoFar);
    },
    onSuccess: (all) => announce(`${counts(all)} gathered`),
  });
  const all = gathering.data;
  return (
    <div className="panel pad">
      <p>Every record that is kept, one a line, and the address of every file. Nothing that opens a door is among it; deleted things are listed without their files.</p>
      {gathering.isPending && soFar ? <p className="num mt-3 text-ink">{counts(soFar)} so far …</p> : null}
      {all ? <Taken all={all} name={name} /> : null}
      <div className="mt-4 flex flex-wrap gap-2">
        <button type="button" className="btn" disabled={gathering.isPending} onClick={() => gathering.mutate()}>
          {gathering.isPending ? "Gathering …" : all ? "Gather again" : "Gather everything"}
        </button>
        {gathering.isPending ? (
          <button type="button" className="btn btn-quiet" onClick={() => running.current?.abort()}>
            Stop
          </button>
        ) : null}
      </div>
      <ErrorNote error={isStopped(gathering.error) ? null : gathering.error} />
    </div>
  );
}

const isStopped = (error: Error | null): boolean => error instanceof DOMException && error.name === "AbortError";

const counts = ({ lines, files }: Gathered): string => `${counted(lines.length, "record")} and ${counted(files.length, "file")}`;

function Taken({ all, name }: { all: Gathered; name: string }) {
  return (
    <>
      <p className="num mt-3 text-ink" role="status">
        {counts(all)}.
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <button type="button" className="btn" onClick={() => save(`${name} records.jsonl`, `${all.lines.join("\n")}\n`, "application/jsonl")}>
          Save the records
        </button>
        {all.files.length > 0 ? (
          <button type="button" className="btn" onClick={() => save(`${name} files.sh`, fetchScript(all.files), "text/x-shellscript")}>
            Save a script that fetches the files
          </button>
        ) : null}
      </div>
      {all.files.length > 0 ? (
        <details className="mt-3">
          <summary className="cap cursor-pointer max-tablet:py-3">The files, one by one</summary>
          <ul className="mt-2 flex flex-col gap-1">
            {all.files.map((file) => (
              <li key={file.path} className="wrap-anywhere">
                <a href={file.url} download>
                  <code>{file.path}</code>
                </a>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <p className="cap mt-3">The addresses hold for an hour; after that, gather again.</p>
    </>
  );
}
