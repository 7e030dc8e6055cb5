import { useState } from "react";
import type { Dataset } from "./api/getDataset";

const SHOWN = 5;

interface Filter {
  severity?: "error" | "warning" | undefined;
  code?: string | undefined;
}

/** All, errors, warnings, and then the codes, the commonest first. */
export function ProblemChips({ dataset, filter, onFilter }: { dataset: Dataset; filter: Filter; onFilter: (filter: Filter) => void }) {
  const [all, setAll] = useState(false);
  const codes = Object.entries({ ...dataset.error_counts, ...dataset.warning_counts }).sort(([a, x], [b, y]) => y - x || a.localeCompare(b));
  const shown = all ? codes : codes.slice(0, SHOWN);
  const chip = (label: string, n: number, next: Filter) => (
    <button
      key={label}
      type="button"
      className="chip num"
      aria-pressed={filter.severity === next.severity && filter.code === next.code}
      onClick={() => onFilter(next)}
    >
      {label} <b>{n}</b>
    </button>
  );
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2" role="group" aria-label="Which problems">
      {chip("All", dataset.errors + dataset.warnings, {})}
      {chip("Errors", dataset.errors, { severity: "error" })}
      {chip("Warnings", dataset.warnings, { severity: "warning" })}
      <span className="mx-1 h-4 w-px bg-line max-tablet:hidden" />
      {shown.map(([code, n]) => chip(code, n, { code }))}
      {codes.length > SHOWN ? (
        <button type="button" className="link text-12" onClick={() => setAll(!all)}>
          {all ? "fewer" : `${codes.length - SHOWN} more`}
        </button>
      ) : null}
    </div>
  );
}
