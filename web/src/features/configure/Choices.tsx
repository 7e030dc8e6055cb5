import { useId } from "react";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { DatasetRow } from "@/features/datasets/api/listDatasets";
import { count } from "@/lib/format";
import { datasetMark } from "@/lib/status";

const LICENCES: Record<string, string> = { "apache-2.0": "Apache 2.0", mit: "MIT", "llama3.1": "Llama 3.1" };

export function DatasetChoice({ datasets, value, onChange }: { datasets: DatasetRow[]; value: string | undefined; onChange: (id: string) => void }) {
  const id = useId();
  const chosen = datasets.find((one) => one.id === value);
  return (
    <div className="field">
      <label htmlFor={id}>Dataset</label>
      <select id={id} className="input" value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
        <option value="" disabled>
          Choose a dataset
        </option>
        {datasets.map((one) => (
          <option key={one.id} value={one.id} disabled={!one.training_ready}>
            {one.training_ready ? one.name : `${one.name} (${datasetMark(one).word.toLowerCase()})`}
          </option>
        ))}
      </select>
      <p className="hint num">
        {chosen ? `Ready · ${count(chosen.total_training_pairs)} training pairs, ${count(chosen.total_tokens)} tokens` : "Only a dataset that is ready can be trained on."}
      </p>
    </div>
  );
}

/** Whether rows with tool calls and with reasoning can train on it; nothing where nobody has looked. */
function abilities({ trains_tools: tools, trains_reasoning: reasoning }: Catalog["base_models"][number]): string {
  if (tools == null || reasoning == null) return "";
  if (tools === reasoning) return tools ? "learns tool calls and reasoning" : "learns neither tool calls nor reasoning";
  return tools ? "learns tool calls, no reasoning" : "learns reasoning, no tool calls";
}

function labelOf({ name, experimental, tokenizer }: Catalog["base_models"][number]): string {
  const marks = [experimental ? "experimental" : "", tokenizer === "missing" ? "no tokenizer" : ""].filter(Boolean);
  return marks.length > 0 ? `${name} (${marks.join("; ")})` : name;
}

export function ModelChoice({ catalog, value, onChange }: { catalog: Catalog; value: string; onChange: (id: string) => void }) {
  const id = useId();
  const chosen = catalog.base_models.find((one) => one.id === value);
  return (
    <div className="field">
      <label htmlFor={id}>Base model</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {catalog.base_models.map((one) => (
          <option key={one.id} value={one.id}>
            {labelOf(one)}
          </option>
        ))}
      </select>
      {chosen ? (
        <p className="hint num">
          {[chosen.license ? (LICENCES[chosen.license] ?? chosen.license) : "", `context ${count(chosen.context_tokens)} tokens`, `revision ${chosen.revision.slice(0, 8)}`, chosen.tokenizer === "installed" ? "tokenizer installed" : "", abilities(chosen)]
            .filter(Boolean)
            .join(" · ")}
        </p>
      ) : null}
      {chosen?.tokenizer === "missing" ? (
        <p className="hint !text-prep">Its tokenizer is not installed here: tokens and price are estimated, and the preview shows whole answers. The training counts them exactly.</p>
      ) : null}
    </div>
  );
}
