import { useEffect, useRef, useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";

interface Props {
  name: string;
  onSave: (name: string) => void;
  onClose: () => void;
  busy: boolean;
  error: unknown;
}

const LONGEST = 200;

/** The name becomes a field in its place; Escape leaves it as it was. */
export function RenameModel({ name, onSave, onClose, busy, error }: Props) {
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const wanted = text.trim();
  return (
    <form
      className="min-w-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === name) onClose();
        else if (wanted) onSave(wanted);
      }}
    >
      <div className="flex flex-wrap gap-2">
        <input
          ref={field}
          className="input !w-auto min-w-0 flex-1 basis-60"
          aria-label="Name of the model"
          value={text}
          maxLength={LONGEST}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => (event.key === "Escape" ? onClose() : undefined)}
        />
        <button type="submit" className="btn" disabled={busy || wanted === ""}>
          {busy ? "Saving …" : "Save"}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onClose}>
          Leave it
        </button>
      </div>
      <ErrorNote error={error} />
    </form>
  );
}
