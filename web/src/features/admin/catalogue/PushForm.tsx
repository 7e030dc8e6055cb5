import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Section } from "@/components/Section";
import { failureOf } from "@/lib/api/failure";
import { counted } from "@/lib/format";
import { toast } from "@/lib/toast";
import type { CatalogVersion } from "./api/getCatalogVersion";
import { pushCatalog } from "./api/pushCatalog";
import { ChangeList } from "./ChangeList";
import { changesBetween, documentOf } from "./changes";

interface Props {
  held: CatalogVersion;
  draft: { from: number; text: string };
  onClose: () => void;
}

/** Another catalogue, written as a document; what it changes in the one that holds is shown before it is pushed. */
export function PushForm({ held, draft, onClose }: Props) {
  const [text, setText] = useState(draft.text);
  const [asking, setAsking] = useState(false);
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const read = documentOf(text);
  const changes = "document" in read ? changesBetween(held.document, read.document) : [];
  const push = usePush(onClose, () => setAsking(false));
  const fields = push.error ? Object.entries(failureOf(push.error).fields) : [];
  return (
    <Section title={draft.from === held.version ? "Another catalogue" : draft.from === 0 ? "The shipped catalogue again" : `Version ${draft.from} again`}>
      <div className="panel pad">
        <div className="field">
          <label htmlFor={id}>The catalogue, as JSON</label>
          <textarea ref={field} id={id} className="input font-code text-12" rows={18} spellCheck={false} value={text} aria-invalid={"wrong" in read || undefined} aria-describedby={`${id}-said`} onChange={(event) => setText(event.target.value)} />
          <div id={`${id}-said`} role="status">
            {"wrong" in read ? <p className="wrong">{read.wrong}</p> : <p className="hint">{changes.length === 0 ? "The same as the one that holds." : `${counted(changes.length, "change")} against the one that holds:`}</p>}
          </div>
        </div>
        <ChangeList changes={changes} />
        {fields.length > 0 ? (
          <ul className="mt-3" role="alert">
            {fields.map(([field, said]) => (
              <li key={field} className="wrong">
                <code>{field}</code> {said.join("; ")}
              </li>
            ))}
          </ul>
        ) : (
          <ErrorNote error={push.error} />
        )}
        <div className="mt-4 flex flex-wrap gap-2">
          <button type="button" className="btn" disabled={!("document" in read) || changes.length === 0} onClick={() => setAsking(true)}>
            Push it
          </button>
          <button type="button" className="btn btn-quiet" onClick={onClose}>
            Leave it
          </button>
        </div>
      </div>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Push this catalogue?"
        keep="Leave it"
        act="Push it"
        onAct={() => ("document" in read ? push.mutate(read.document) : undefined)}
        busy={push.isPending}
        busyWord="Pushing …"
      >
        <p>Within a minute everybody chooses and pays by it: {counted(changes.length, "change")} against the one that holds.</p>
        <p>Jobs that exist keep their prices. An earlier version can be pushed again.</p>
      </ConfirmDialog>
    </Section>
  );
}

function usePush(done: () => void, answered: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: pushCatalog,
    onSettled: answered,
    onSuccess: (pushed) => {
      toast(`Version ${pushed.version} is pushed and holds within a minute.`);
      done();
      return Promise.all([client.invalidateQueries({ queryKey: ["admin", "catalog"] }), client.invalidateQueries({ queryKey: ["catalog"] })]);
    },
  });
}
