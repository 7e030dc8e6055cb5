import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { failureOf } from "@/lib/api/failure";
import { editDataset } from "./api/editDataset";
import type { Dataset } from "./api/getDataset";

/** A wrong name is corrected where the file is described. */
export function EditDataset({ dataset }: { dataset: Dataset }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        Edit name and description
      </button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title="Name and description">
        <EditForm dataset={dataset} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function EditForm({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const [name, setName] = useState(dataset.name);
  const [description, setDescription] = useState(dataset.description ?? "");
  const client = useQueryClient();
  const edit = useMutation({
    mutationFn: () => editDataset(dataset.id, { name: name.trim(), description: description.trim() || null }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["datasets"] });
      onClose();
    },
  });
  const wrong = edit.error ? failureOf(edit.error).fields : {};
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        edit.mutate();
      }}
    >
      <Field label="Name" required maxLength={200} value={name} hint="Jobs and models keep the name they were made under." wrong={wrong.name?.join(" ")} onChange={(event) => setName(event.target.value)} />
      <Field label="Description" maxLength={2000} value={description} wrong={wrong.description?.join(" ")} onChange={(event) => setDescription(event.target.value)} />
      {Object.keys(wrong).length > 0 ? null : <ErrorNote error={edit.error} />}
      <div className="dialog-acts">
        <button type="button" className="btn" onClick={onClose}>
          Leave it
        </button>
        <button type="submit" className="btn" disabled={edit.isPending || name.trim() === ""}>
          {edit.isPending ? "Saving …" : "Save"}
        </button>
      </div>
    </form>
  );
}
