import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { DropdownMenu as Menu } from "radix-ui";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Icon } from "@/components/icons";
import { bytes } from "@/lib/format";
import { toast } from "@/lib/toast";
import { deleteModel } from "./api/deleteModel";
import type { Model } from "./api/getModel";
import { movesOf, type Move } from "./status-moves";
import type { Downloads } from "./use-downloads";

interface Props {
  model: Model;
  downloads: Downloads;
  onRename: () => void;
  onMove: (to: Model["status"]) => void;
  isMoving: boolean;
}

/** Download, the next step, and under "More" what is wanted less often. */
export function ModelActions({ model, downloads, onRename, onMove, isMoving }: Props) {
  const [deleting, setDeleting] = useState(false);
  const { first, others } = movesOf(model.status);
  return (
    <>
      <button type="button" className="btn max-tablet:order-2" onClick={onRename}>
        Rename
      </button>
      {first ? (
        <button type="button" className="btn max-tablet:order-3" disabled={isMoving} onClick={() => onMove(first.to)}>
          {first.words}
        </button>
      ) : null}
      <More moves={others} onMove={onMove} onDelete={() => setDeleting(true)} />
      <button type="button" className="btn btn-primary max-tablet:order-1 max-tablet:basis-full" disabled={downloads.isBusy} onClick={() => downloads.start(model.manifest.map((file) => file.name))}>
        <Icon name="download" size={18} />
        {downloads.isBusy ? "Starting …" : `Download · ${bytes(model.total_size_bytes)}`}
      </button>
      <DeleteModel model={model} open={deleting} onClose={() => setDeleting(false)} />
    </>
  );
}

function More({ moves, onMove, onDelete }: { moves: Move[]; onMove: Props["onMove"]; onDelete: () => void }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="btn max-tablet:order-4">
        More <Icon name="down" size={16} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="end" sideOffset={8}>
          {moves.map((move) => (
            <Menu.Item key={move.to} className="menu-item data-[disabled]:cursor-default data-[disabled]:text-ink-3" disabled={move.barred !== undefined} onSelect={() => onMove(move.to)}>
              {move.words}
              {move.barred ? <span className="cap">{move.barred}</span> : null}
            </Menu.Item>
          ))}
          <Menu.Separator className="rule my-1" />
          <Menu.Item className="menu-item !text-bad" onSelect={onDelete}>
            Delete
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

function DeleteModel({ model, open, onClose }: { model: Model; open: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const removal = useMutation({
    mutationFn: () => deleteModel(model.id),
    onSuccess: async () => {
      toast(`“${model.name}” is deleted.`);
      await navigate({ to: "/models" });
      client.removeQueries({ queryKey: ["models", model.id] });
      await client.invalidateQueries({ queryKey: ["models"] });
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title="Delete this model?"
      keep="Keep it"
      act="Delete model"
      onAct={() => removal.mutate()}
      busy={removal.isPending}
      busyWord="Deleting …"
      error={removal.error}
    >
      <p>It leaves your list; links that were handed out work for at most another hour. Its files are kept for now.</p>
    </ConfirmDialog>
  );
}
