import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { EmptyState } from "@/components/states/EmptyState";
import { Loaded } from "@/components/states/Loaded";
import { ShowMore } from "@/components/ShowMore";
import { Skeleton } from "@/components/states/Skeleton";
import { Absent, Moment } from "@/components/values";
import { counted } from "@/lib/format";
import { toast } from "@/lib/toast";
import { deletedKey, useDeleted, type DeletedThing } from "./api/listDeleted";
import { purge } from "./api/purge";

const KINDS: Record<DeletedThing["kind"], string> = { dataset: "Dataset", model: "Model", training_file: "Training file", user: "User" };
type Wanted = DeletedThing | "all" | null;

/** What a user has deleted: when it is erased, and erasing it now. */
export function DeletedThings({ user }: { user: string }) {
  const query = useDeleted(user);
  const [wanted, setWanted] = useState<Wanted>(null);
  return (
    <>
      <Loaded query={query} what="What was deleted" skeleton={<Skeleton rows={2} height={48} />}>
        {({ pages }) => {
          const things = pages.flatMap((page) => page.deleted);
          if (things.length === 0 && !query.hasNextPage) return <EmptyState title="Nothing is waiting to be erased.">What is deleted is hidden at once and listed here until it is gone.</EmptyState>;
          return (
            <>
              <Things things={things} onErase={setWanted} />
              <div className="flex flex-wrap gap-2">
                <ShowMore query={query} />
                <button type="button" className="btn btn-danger mt-4" onClick={() => setWanted("all")}>
                  Erase all of it now
                </button>
              </div>
            </>
          );
        }}
      </Loaded>
      <Purge user={user} wanted={wanted} onClose={() => setWanted(null)} />
    </>
  );
}

function Things({ things, onErase }: { things: DeletedThing[]; onErase: (thing: DeletedThing) => void }) {
  return (
    <div className="panel overflow-hidden">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Deleted</th>
            <th scope="col">Erased from</th>
            <th scope="col">
              <span className="sr-only">Erase</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {things.map((thing) => (
            <tr key={`${thing.kind} ${thing.id}`}>
              <td className="wide align-middle">
                <b>{thing.name ?? KINDS[thing.kind]}</b>
                <span className="cap block">
                  {KINDS[thing.kind]} <code title={thing.id}>{thing.id.slice(0, 8)}</code>
                </span>
              </td>
              <td className="align-middle whitespace-nowrap" data-label="deleted">
                <Moment at={thing.asked_at} />
              </td>
              <td className="align-middle whitespace-nowrap" data-label="erased from">
                {thing.due_at ? <Moment at={thing.due_at} /> : <Absent why="It was called off" />}
              </td>
              <td className="n align-middle !py-1.5 max-tablet:basis-full">
                <button type="button" className="btn btn-danger" aria-label={`Erase now: “${thing.name ?? thing.id}”`} onClick={() => onErase(thing)}>
                  Erase now
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Purge({ user, wanted, onClose }: { user: string; wanted: Wanted; onClose: () => void }) {
  const client = useQueryClient();
  const erasing = useMutation({
    mutationFn: () => purge(user, wanted === "all" || wanted === null ? undefined : wanted.id),
    onSuccess: ({ erasures }) => {
      toast(erasures.length === 0 ? "Nothing was left to erase." : `${counted(erasures.length, "thing")} will be gone within a minute.`);
      onClose();
      return client.invalidateQueries({ queryKey: deletedKey(user) });
    },
  });
  const name = wanted === "all" || wanted === null ? "all that was deleted" : `“${wanted.name ?? wanted.id}”`;
  return (
    <ConfirmDialog
      open={wanted !== null}
      onClose={() => {
        erasing.reset();
        onClose();
      }}
      title={`Erase ${name} for ever?`}
      keep="Leave it"
      act="Erase now"
      onAct={() => erasing.mutate()}
      busy={erasing.isPending}
      busyWord="Erasing …"
      error={erasing.error}
    >
      <p>Within a minute records, files and every old version are gone. Nobody can bring them back.</p>
      <p>What it cost stays in the costs.</p>
    </ConfirmDialog>
  );
}
