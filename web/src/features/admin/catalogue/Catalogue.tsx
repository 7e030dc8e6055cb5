import { useState } from "react";
import { Loaded } from "@/components/states/Loaded";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { moment } from "@/lib/format";
import { useHealth } from "../api/getHealth";
import { useCatalogNow, type CatalogVersion } from "./api/getCatalogVersion";
import { Offered } from "./Offered";
import { PushForm } from "./PushForm";
import { Versions } from "./Versions";

/** What jobs can be configured with: as it holds, every version that was pushed, and pushing another. */
export function Catalogue() {
  const query = useCatalogNow();
  const problem = useHealth().data?.catalog.problem;
  const [draft, setDraft] = useState<{ from: number; text: string } | null>(null);
  const edit = ({ version, document }: CatalogVersion) => setDraft({ from: version, text: JSON.stringify(document, null, 2) });
  return (
    <Loaded query={query} what="The catalogue" skeleton={<PageSkeleton />}>
      {(held) => (
        <>
          <StateSentence text={sentence(held)} />
          {problem ? (
            <p className="note mt-4" data-tone="prep">
              The catalogue that was pushed last is not used as it is: {problem}.
            </p>
          ) : null}
          {draft ? (
            <PushForm key={draft.from} held={held} draft={draft} onClose={() => setDraft(null)} />
          ) : (
            <button type="button" className="btn mt-4" onClick={() => edit(held)}>
              Push another …
            </button>
          )}
          <Offered document={held.document} />
          <Versions held={held} onEdit={edit} />
        </>
      )}
    </Loaded>
  );
}

function sentence({ version, newest, pushed_at }: CatalogVersion): string {
  const held = version === 0 ? "The catalogue that was shipped holds" : `Version ${version} of the catalogue holds, pushed ${moment(pushed_at)}`;
  if (version === newest) return `${held}.`;
  return `${held}; version ${newest} follows within a minute.`;
}
