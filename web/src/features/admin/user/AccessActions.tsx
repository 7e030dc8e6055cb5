import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { useMe } from "@/features/account/api/getMe";
import { toast } from "@/lib/toast";
import type { UserErasure } from "./api/getErasure";
import type { User } from "./api/getUser";
import { setAccess } from "./api/setAccess";
import { nameOf } from "./words";

/** Shuts a user out, or lets them in again; whoever is being erased stays out. */
export function AccessActions({ user, erasure }: { user: User; erasure: UserErasure | undefined }) {
  const [asking, setAsking] = useState(false);
  const isSelf = useMe().data?.userId === user.user_id;
  const change = useAccess(user, () => setAsking(false));
  if (erasure?.state === "erased" || erasure?.state === "erasing") return null;
  if (user.disabled_at !== null) {
    return (
      <div>
        <button type="button" className="btn max-tablet:w-full" disabled={change.isPending} onClick={() => change.mutate(true)}>
          {change.isPending ? "Letting in …" : "Let in again"}
        </button>
        <ErrorNote error={change.error} />
      </div>
    );
  }
  return (
    <>
      <button type="button" className="btn btn-danger" onClick={() => setAsking(true)}>
        Shut out
      </button>
      <ConfirmDialog
        open={asking}
        onClose={() => {
          change.reset();
          setAsking(false);
        }}
        title={`Shut ${nameOf(user)} out?`}
        keep="Leave them in"
        act="Shut out"
        onAct={() => change.mutate(false)}
        busy={change.isPending}
        busyWord="Shutting out …"
        error={change.error}
      >
        <p>Nobody signs in as them any more, and what they are signed in with and every key open nothing from now on.</p>
        {isSelf ? <p className="text-bad">This is you. You are out at once, and another administrator must let you in again.</p> : null}
        <p>Jobs that run go on and are paid for; their datasets and models stay. You can let them in again.</p>
      </ConfirmDialog>
    </>
  );
}

function useAccess(user: User, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (isIn: boolean) => setAccess(user.user_id, isIn),
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ["admin"] }), client.invalidateQueries({ queryKey: ["audit", user.user_id] })]),
    onSuccess: (after) => {
      toast(after.disabled_at === null ? `${nameOf(user)} may come in again.` : `${nameOf(user)} is shut out.`);
      done();
    },
  });
}
