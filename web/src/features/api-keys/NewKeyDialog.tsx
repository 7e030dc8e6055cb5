import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Dialog } from "@/components/Dialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { failureOf } from "@/lib/api/failure";
import { createApiKey, type NewKey } from "./api/createApiKey";
import { ScopeChoice, type Scope } from "./ScopeChoice";

const LONGEST_NAME = 100;
const ENDS = [
  ["", "when it is revoked"],
  ["30", "after 30 days"],
  ["90", "after 90 days"],
  ["365", "after a year"],
] as const;

/** A name first; then the key, this once. */
export function NewKeyDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [made, setMade] = useState<NewKey | null>(null);
  function close() {
    setMade(null);
    onClose();
  }
  return (
    <Dialog open={open} onClose={close} title={made ? "Copy it now" : "New key"}>
      {made ? <Made made={made} onClose={close} /> : <NameForm onMade={setMade} onClose={close} />}
    </Dialog>
  );
}

function NameForm({ onMade, onClose }: { onMade: (made: NewKey) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read", "write"]);
  const [days, setDays] = useState("");
  const ends = useId();
  const client = useQueryClient();
  const creation = useMutation({
    mutationFn: () => createApiKey({ name: name.trim(), scopes, expires_in_days: days === "" ? null : Number(days) }),
    onSuccess: (made) => {
      onMade(made);
      return client.invalidateQueries({ queryKey: ["api-keys"] });
    },
  });
  const wrong = creation.error ? failureOf(creation.error).fields.name?.join(" ") : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        creation.mutate();
      }}
    >
      <Field
        label="Name"
        hint="What it is for, so that you know later which one to revoke."
        value={name}
        maxLength={LONGEST_NAME}
        required
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
        wrong={wrong}
      />
      <div className="mt-4 flex flex-col gap-4">
        <ScopeChoice value={scopes} onChange={setScopes} />
        <div className="field">
          <label htmlFor={ends}>It ends</label>
          <select id={ends} className="input" value={days} onChange={(event) => setDays(event.target.value)}>
            {ENDS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      </div>
      {wrong ? null : <ErrorNote error={creation.error} />}
      <div className="dialog-acts">
        <button type="button" className="btn" onClick={onClose}>
          Leave it
        </button>
        <button type="submit" className="btn" disabled={creation.isPending || name.trim() === ""}>
          {creation.isPending ? "Making …" : "Make the key"}
        </button>
      </div>
    </form>
  );
}

function Made({ made, onClose }: { made: NewKey; onClose: () => void }) {
  return (
    <>
      <p>It is shown this once. If it is lost, revoke it and make another.</p>
      <div className="mt-3 flex items-center gap-2">
        <code className="code min-w-0 flex-1 !px-3 !py-2 wrap-anywhere" aria-label={`The key “${made.api_key.name}”`}>
          {made.secret}
        </code>
        <CopyButton text={made.secret} of="the key" />
      </div>
      <p className="cap mt-4 mb-2">How a program uses it:</p>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard */}
      <pre className="code" tabIndex={0} role="region" aria-label="Example">
        {`curl -H "Authorization: Bearer $BRIGHTRUN_API_KEY" \\
  ${window.location.origin}/api/jobs`}
      </pre>
      <div className="dialog-acts">
        <button type="button" className="btn" onClick={onClose}>
          I have copied it
        </button>
      </div>
    </>
  );
}
