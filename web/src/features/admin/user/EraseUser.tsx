import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Field } from "@/components/Field";
import { toast } from "@/lib/toast";
import { eraseUser } from "./api/eraseUser";
import { erasureQuery, useErasure } from "./api/getErasure";
import { userQuery, type User } from "./api/getUser";
import { nameOf } from "./words";

const CONFIRMATION = "erase everything";

/** Erases a user: jobs cancelled, then everything of theirs, now. The words are typed, because nothing brings it back. */
export function EraseUser({ user }: { user: User }) {
  const state = useErasure(user.user_id).data?.state;
  const [asking, setAsking] = useState(false);
  const isOver = state === "erased" || state === "erasing";
  return (
    <div className="panel pad">
      <p>
        {state === "erased"
          ? "Everything of this user is gone."
          : state === "erasing"
            ? "It has begun and cannot be called off."
            : "Their jobs are cancelled, then their datasets, models, files, keys and the account itself are gone for ever. What they cost stays, without a name."}
      </p>
      {isOver ? null : (
        <button type="button" className="btn btn-danger mt-4" onClick={() => setAsking(true)}>
          Erase this user …
        </button>
      )}
      {asking ? <Erase user={user} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}

function Erase({ user, onClose }: { user: User; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const client = useQueryClient();
  const erasing = useMutation({
    mutationFn: () => eraseUser(user.user_id),
    onSuccess: (state) => {
      client.setQueryData(erasureQuery(user.user_id).queryKey, state);
      toast(`${nameOf(user)} is shut out and being erased.`);
      onClose();
      return client.invalidateQueries({ queryKey: userQuery(user.user_id).queryKey });
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Erase ${nameOf(user)} for ever?`}
      keep="Keep everything"
      act="Erase everything"
      onAct={() => erasing.mutate()}
      busy={erasing.isPending}
      busyWord="Erasing …"
      ready={typed.trim() === CONFIRMATION}
      error={erasing.error}
    >
      <p>They are shut out at once and their jobs are cancelled; then datasets, models, files, keys and the account are gone. It begins within a minute and nobody can bring anything back.</p>
      <Field label={`Type “${CONFIRMATION}” to go on`} value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
    </ConfirmDialog>
  );
}
