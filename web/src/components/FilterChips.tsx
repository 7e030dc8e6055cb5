interface Option<T extends string> {
  value: T | undefined;
  label: string;
  /** Null while it is not known. */
  count?: number | null | undefined;
}

interface Props<T extends string> {
  label: string;
  options: Option<T>[];
  value: T | undefined;
  onChange: (value: T | undefined) => void;
}

/** A filter whose choices stand side by side, each with its count. */
export function FilterChips<T extends string>({ label, options, value, onChange }: Props<T>) {
  return (
    <div className="flex flex-wrap gap-2" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value ?? "all"}
          type="button"
          className="chip num"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label} {option.count === undefined ? null : <b>{option.count ?? "–"}</b>}
        </button>
      ))}
    </div>
  );
}
