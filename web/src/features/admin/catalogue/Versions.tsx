import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorState } from "@/components/states/ErrorState";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { counted } from "@/lib/format";
import { versionQuery, type CatalogVersion } from "./api/getCatalogVersion";
import { ChangeList } from "./ChangeList";
import { changesBetween } from "./changes";

const AT_ONCE = 5;

/** Every version that was pushed, the newest first, each with what it changed; the shipped one is the first of all. */
export function Versions({ held, onEdit }: { held: CatalogVersion; onEdit: (version: CatalogVersion) => void }) {
  const [most, setMost] = useState(AT_ONCE);
  const shown = Math.min(most, held.newest + 1);
  // one more than is shown: each row tells what it changed in the one before
  const wanted = Array.from({ length: Math.min(shown + 1, held.newest + 1) }, (_, n) => held.newest - n);
  const queries = useQueries({ queries: wanted.map(versionQuery) });
  const broken = queries.find((query) => query.error);
  return (
    <Section title="Versions" aside="jobs keep the prices they were created with">
      {broken?.error ? (
        <div className="mb-3">
          <ErrorState what="A version" error={broken.error} retry={() => void broken.refetch()} />
        </div>
      ) : null}
      <ol className="panel rows">
        {wanted.slice(0, shown).map((number, n) => (
          <Version key={number} number={number} isHeld={number === held.version} version={queries[n]?.data} before={queries[n + 1]?.data} onEdit={onEdit} />
        ))}
      </ol>
      {shown <= held.newest ? (
        <button type="button" className="btn mt-4" onClick={() => setMost(most + AT_ONCE)}>
          Show more
        </button>
      ) : null}
    </Section>
  );
}

interface Row {
  number: number;
  isHeld: boolean;
  version: CatalogVersion | undefined;
  before: CatalogVersion | undefined;
  onEdit: (version: CatalogVersion) => void;
}

function Version({ number, isHeld, version, before, onEdit }: Row) {
  const [isOpen, setOpen] = useState(false);
  const changes = version && before ? changesBetween(before.document, version.document) : [];
  return (
    <li className="px-6 py-3 max-tablet:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <b className="num">{number === 0 ? "Shipped" : `Version ${number}`}</b>
        {isHeld ? <span className="badge" data-tone="good">Holds</span> : null}
        <span className="cap">{version?.pushed_at ? <><Moment at={version.pushed_at} /> by <code>{version.pushed_by}</code></> : number === 0 ? "with the platform" : ""}</span>
        <span className="ml-auto flex flex-wrap gap-2">
          {changes.length > 0 ? (
            <button type="button" className="btn btn-quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {counted(changes.length, "change")}
            </button>
          ) : null}
          {version && !isHeld ? (
            <button type="button" className="btn" aria-label={`Push it again …: ${number === 0 ? "the shipped one" : `version ${number}`}`} onClick={() => onEdit(version)}>
              Push it again …
            </button>
          ) : null}
        </span>
      </div>
      {isOpen ? <ChangeList changes={changes} /> : null}
    </li>
  );
}
