import { useEffect, useRef, useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Section } from "@/components/Section";
import { bytes, count, moment } from "@/lib/format";
import type { StoredFile } from "./api/getModel";
import { checksums } from "./snippets";
import type { Downloads } from "./use-downloads";

const FIRST_ON_A_PHONE = 5;

export function ModelFiles({ files, downloads }: { files: StoredFile[]; downloads: Downloads }) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const chosen = files.filter((file) => !left.has(file.name));
  const size = chosen.reduce((sum, file) => sum + file.size_bytes, 0);
  const toggle = (name: string) => setLeft((before) => (before.has(name) ? new Set([...before].filter((one) => one !== name)) : new Set([...before, name])));
  const hidden = all ? 0 : Math.max(0, files.length - FIRST_ON_A_PHONE);
  return (
    <Section title="Files" aside={<Aside files={files} />}>
      <div className="panel overflow-hidden">
        <table className="table">
          <thead>
            <tr>
              <th scope="col" className="w-10 !pr-0">
                <AllFiles
                  chosen={chosen.length}
                  of={files.length}
                  onChange={(every) => setLeft(every ? new Set() : new Set(files.map((file) => file.name)))}
                />
              </th>
              <th scope="col">File</th>
              <th scope="col" className="n">
                Size
              </th>
              <th scope="col">SHA-256</th>
              <th scope="col" className="w-12">
                <span className="sr-only">Copy</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {files.map((file, n) => (
              <FileRow key={file.name} file={file} isChosen={!left.has(file.name)} toggle={toggle} isFolded={hidden > 0 && n >= FIRST_ON_A_PHONE} />
            ))}
          </tbody>
        </table>
        {hidden > 0 ? (
          <button type="button" className="btn btn-quiet btn-wide tablet:!hidden" onClick={() => setAll(true)}>
            Show the other {hidden}
          </button>
        ) : null}
        <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3.5">
          <button type="button" className="btn" disabled={chosen.length === 0 || downloads.isBusy} onClick={() => downloads.start(chosen.map((file) => file.name))}>
            {downloads.isBusy ? "Starting …" : `Download ${count(chosen.length)} selected · ${bytes(size)}`}
          </button>
          <CopyButton text={checksums(chosen)} of="checksums" label="Copy checksums" quiet />
          <span className="cap tablet:ml-auto">Links are good for one hour; ask again as often as you like.</span>
        </div>
        <Begun downloads={downloads} />
      </div>
    </Section>
  );
}

function Aside({ files }: { files: StoredFile[] }) {
  const size = files.reduce((sum, file) => sum + file.size_bytes, 0);
  return (
    <>
      <span className="max-tablet:hidden">each checked by size and SHA-256 before this model existed</span>
      <span className="num tablet:hidden">
        {count(files.length)}, {bytes(size)}
      </span>
    </>
  );
}

function AllFiles({ chosen, of, onChange }: { chosen: number; of: number; onChange: (all: boolean) => void }) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = chosen > 0 && chosen < of;
  }, [chosen, of]);
  return <input ref={box} type="checkbox" className="tick" aria-label="All files" checked={chosen === of} onChange={(event) => onChange(event.target.checked)} />;
}

function FileRow({ file, isChosen, toggle, isFolded }: { file: StoredFile; isChosen: boolean; toggle: (name: string) => void; isFolded: boolean }) {
  return (
    <tr className={isFolded ? "max-tablet:!hidden" : undefined}>
      <td className="!pr-0">
        <label className="hit">
          <input type="checkbox" className="tick" aria-label={file.name} checked={isChosen} onChange={() => toggle(file.name)} />
        </label>
      </td>
      <td className="max-tablet:min-w-0 max-tablet:flex-1 max-tablet:basis-0">
        <b>{file.name}</b>
      </td>
      <td className="n">{bytes(file.size_bytes)}</td>
      <td className="hash max-tablet:grow max-tablet:basis-[calc(100%-64px)] max-tablet:self-center max-tablet:!pl-9" title={file.sha256}>
        <span className="max-tablet:hidden">{file.sha256}</span>
        <span className="tablet:hidden" aria-hidden="true">
          {file.sha256.slice(0, 12)}…{file.sha256.slice(-8)}
        </span>
      </td>
      <td className="!py-1.5 !pl-0 max-tablet:-my-3 max-tablet:!py-0">
        <CopyButton text={file.sha256} of={`SHA-256 of ${file.name}`} />
      </td>
    </tr>
  );
}

/** What the browser was given, and each link once more: a browser may have held one back. */
function Begun({ downloads }: { downloads: Downloads }) {
  const { links, begun, error } = downloads;
  if (error) {
    return (
      <div className="px-4 pb-4">
        <ErrorNote error={error} />
      </div>
    );
  }
  if (!links) return null;
  const files = Object.entries(links.download_urls);
  return (
    <div className="border-t border-line px-4 py-3.5 text-13">
      <p className="num">
        {count(begun)} of {count(files.length)} {files.length === 1 ? "download" : "downloads"} began. The links are good until {moment(links.expires_at)}. If your browser held one back, take it here:
      </p>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        {files.map(([name, url]) => (
          <li key={name}>
            <a href={url} download={name} className="max-tablet:inline-block max-tablet:py-3">
              {name}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
