import { useNavigate } from "@tanstack/react-router";
import { useDataset } from "@/features/datasets/api/getDataset";

/** The same content is here already: use that, or send it all the same. */
export function DuplicateChoice({ id, onUse, onAnyway }: { id: string; onUse: () => Promise<void>; onAnyway: () => void }) {
  const name = useDataset(id).data?.name ?? "another dataset";
  const navigate = useNavigate();
  async function use() {
    await onUse();
    await navigate({ to: "/datasets/$id", params: { id } });
  }
  return (
    <div className="panel pad section" role="alert">
      <p className="strong">You already have this content as {name}.</p>
      <div className="mt-4 flex gap-2">
        <button type="button" className="btn btn-primary" onClick={() => void use()}>
          Use that one
        </button>
        <button type="button" className="btn" onClick={onAnyway}>
          Upload anyway
        </button>
      </div>
    </div>
  );
}
