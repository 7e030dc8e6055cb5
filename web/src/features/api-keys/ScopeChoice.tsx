import type { KeyOrder } from "./api/createApiKey";

export type Scope = NonNullable<KeyOrder["scopes"]>[number];

export const SCOPES: Record<Scope, { label: string; line: string }> = {
  read: { label: "Read", line: "sees your datasets, jobs, models and costs" },
  write: { label: "Write", line: "uploads, starts and stops; this can cost money" },
  keys: { label: "Keys", line: "makes and revokes other keys" },
};
const ALL = Object.keys(SCOPES) as Scope[];

/** What a key may do; one at least. */
export function ScopeChoice({ value, onChange }: { value: Scope[]; onChange: (scopes: Scope[]) => void }) {
  return (
    <fieldset className="field m-0 border-0 p-0">
      <legend className="label mb-1.5 text-13 font-medium text-ink">What it may do</legend>
      {ALL.map((scope) => {
        const isOn = value.includes(scope);
        return (
          <label key={scope} className="flex items-start gap-3 py-0.5 max-tablet:min-h-11">
            <input
              type="checkbox"
              className="tick mt-1"
              aria-label={`${SCOPES[scope].label}: ${SCOPES[scope].line}`}
              checked={isOn}
              disabled={isOn && value.length === 1}
              onChange={() => onChange(isOn ? value.filter((one) => one !== scope) : ALL.filter((one) => one === scope || value.includes(one)))}
            />
            <span>
              <b>{SCOPES[scope].label}</b> <span className="cap block">{SCOPES[scope].line}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
