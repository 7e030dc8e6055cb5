import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Field } from "@/components/Field";
import { moment } from "@/lib/format";
import { session } from "@/lib/auth/session";
import { eraseMe } from "./api/eraseMe";

const CONFIRMATION = "erase everything";

/** Closes one's own account: at once out, erased some days later. The words are typed, because only an administrator can undo it. */
export function CloseAccount() {
  const [asking, setAsking] = useState(false);
  const closing = useMutation({ mutationFn: eraseMe });
  if (closing.data) {
    return (
      <div className="note" data-tone="prep" role="status">
        <p className="strong">The account is closed.</p>
        <p>Everything of yours is erased from {moment(closing.data.due_at)} on. Until then an administrator can call it off.</p>
        <button type="button" className="btn mt-3" onClick={() => session.end("out")}>
          Sign out
        </button>
      </div>
    );
  }
  return (
    <div className="panel pad">
      <p>You are signed out for good and every key stops working at once. Some days later everything of yours is erased; until then an administrator can call it off.</p>
      <button type="button" className="btn btn-danger mt-4" onClick={() => setAsking(true)}>
        Close the account …
      </button>
      {asking ? <Ask closing={closing} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}

interface Closing {
  mutate: () => void;
  reset: () => void;
  isPending: boolean;
  error: Error | null;
}

function Ask({ closing, onClose }: { closing: Closing; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <ConfirmDialog
      open
      onClose={() => {
        closing.reset();
        onClose();
      }}
      title="Close your account?"
      keep="Keep it"
      act="Close the account"
      onAct={() => closing.mutate()}
      busy={closing.isPending}
      busyWord="Closing …"
      ready={typed.trim() === CONFIRMATION}
      error={closing.error}
    >
      <p>Jobs that run are cancelled when the erasing begins; datasets, models, files and keys go for ever. What it cost stays in the books, without your name.</p>
      <Field label={`Type “${CONFIRMATION}” to go on`} value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
    </ConfirmDialog>
  );
}
