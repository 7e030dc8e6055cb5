import { useState, type SubmitEvent } from "react";
import { Icon } from "@/components/icons";

/** Which line is shown: by its number, or one up and down. */
export function LineField({ line, onLine }: { line: number; onLine: (line: number) => void }) {
  const [typed, setTyped] = useState<string>();
  function submit(event: SubmitEvent) {
    event.preventDefault();
    const wanted = Number(typed);
    if (Number.isInteger(wanted) && wanted > 0) onLine(wanted);
    setTyped(undefined);
  }
  return (
    <form className="flex items-center rounded-2 border border-line-strong pl-3" onSubmit={submit}>
      <label className="flex items-center gap-2 text-ink">
        Line
        <input
          className="num w-14 bg-transparent py-1.5 max-tablet:min-h-11 outline-offset-4"
          inputMode="numeric"
          value={typed ?? String(line)}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => setTyped(undefined)}
        />
      </label>
      <button type="button" className="icon-btn" aria-label="The line before" disabled={line <= 1} onClick={() => onLine(line - 1)}>
        <Icon name="left" size={16} />
      </button>
      <button type="button" className="icon-btn" aria-label="The next line" onClick={() => onLine(line + 1)}>
        <Icon name="right" size={16} />
      </button>
    </form>
  );
}
