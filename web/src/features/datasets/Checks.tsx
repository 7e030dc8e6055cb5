import { useId } from "react";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import type { NewDataset } from "./api/createDataset";

export interface ChecksChosen {
  base_model: string | null;
  over_length: NonNullable<NewDataset["over_length"]>;
  find_near_duplicates: boolean;
  waive: NonNullable<NewDataset["waive"]>;
}

export const USUAL: ChecksChosen = { base_model: null, over_length: "reject", find_near_duplicates: false, waive: [] };

/** How the file is checked; folded, for the usual way is right for most. */
export function Checks({ value, onChange, open }: { value: ChecksChosen; onChange: (value: ChecksChosen) => void; open: boolean }) {
  const id = useId();
  const models = useCatalog().data?.base_models ?? [];
  const chosen = models.find((model) => model.id === value.base_model);
  return (
    <details open={open || undefined}>
      <summary className="strong cursor-pointer">How it is checked</summary>
      <div className="mt-4 flex flex-col gap-4">
        <div className="field">
          <label htmlFor={`${id}-model`}>Base model to count tokens with</label>
          <select id={`${id}-model`} className="input" value={value.base_model ?? ""} onChange={(event) => onChange({ ...value, base_model: event.target.value || null })}>
            <option value="">The one that is usual here</option>
            {models.map((model) => (
              <option key={model.id} value={model.id}>
                {model.tokenizer === "missing" ? `${model.name} (no tokenizer)` : model.name}
              </option>
            ))}
          </select>
          {chosen?.tokenizer === "missing" ? <p className="hint">Its tokenizer is not installed here, so its tokens are estimated, not counted.</p> : null}
        </div>
        <div className="field">
          <label htmlFor={`${id}-over`}>Rows over the limit</label>
          <select id={`${id}-over`} className="input" value={value.over_length} onChange={(event) => onChange({ ...value, over_length: event.target.value === "truncate" ? "truncate" : "reject" })}>
            <option value="reject">List them as errors</option>
            <option value="truncate">Leave out their oldest turns</option>
          </select>
        </div>
        <Tick
          label="Look for almost-equal rows"
          hint="takes a second reading"
          on={value.find_near_duplicates}
          onChange={(on) => onChange({ ...value, find_near_duplicates: on })}
        />
        <Tick
          label="I know that what looks like a secret is none"
          hint="suspected passwords and keys are let through"
          on={value.waive.includes("secret_suspect")}
          onChange={(on) => onChange({ ...value, waive: on ? ["secret_suspect"] : [] })}
        />
      </div>
    </details>
  );
}

function Tick({ label, hint, on, onChange }: { label: string; hint: string; on: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <label className="flex items-start gap-3 max-tablet:min-h-11">
      <input type="checkbox" className="tick mt-1" aria-describedby={id} checked={on} onChange={(event) => onChange(event.target.checked)} />
      <span>
        <span className="strong text-13">{label}</span>{" "}
        <span id={id} className="hint block">
          {hint}
        </span>
      </span>
    </label>
  );
}
