import { gpuName } from "@/lib/format";

interface Props {
  chosen: string;
  /** What the API says may be named: offered here, and it fits. */
  possible: string[];
  /** Whether it has said so already. */
  isKnown: boolean;
  value: string[];
  onChange: (types: string[]) => void;
}

/** Other types that the job may take, in the order they are named, while there is none of the chosen one. */
export function Alternatives({ chosen, possible, isKnown, value, onChange }: Props) {
  const shown = [...value, ...possible.filter((type) => !value.includes(type))];
  if (shown.length === 0) return null;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2" role="group" aria-label="Instead, while there is none">
      <span className="cap mr-1">If no {gpuName(chosen)} is free, take at its own price:</span>
      {shown.map((type) => {
        const at = value.indexOf(type);
        return (
          <button
            key={type}
            type="button"
            className="chip num"
            disabled={!isKnown}
            aria-pressed={at >= 0}
            onClick={() => onChange(at >= 0 ? value.filter((one) => one !== type) : [...value, type])}
          >
            {gpuName(type)} {value.length > 1 && at >= 0 ? <b>{at + 1}</b> : null}
          </button>
        );
      })}
    </div>
  );
}
