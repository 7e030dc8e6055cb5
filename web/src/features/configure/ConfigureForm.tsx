import { useState } from "react";
import { Section } from "@/components/Section";
import { StateSentence } from "@/components/states/StateSentence";
import { useLimits } from "@/features/account/api/getLimits";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import { useModelName } from "@/features/catalog/use-model-name";
import type { DatasetRow } from "@/features/datasets/api/listDatasets";
import type { Job } from "@/features/jobs/api/getJob";
import { money } from "@/lib/format";
import { Advice } from "./Advice";
import { Alternatives } from "./Alternatives";
import { DatasetChoice, ModelChoice } from "./Choices";
import { presetOf, withGpu, withPreset, withSetting, type Form } from "./form";
import { GpuCards } from "./GpuCards";
import { GpuCount } from "./GpuCount";
import { PresetCards, presetName } from "./PresetCards";
import { PricePanel, StartButton } from "./PricePanel";
import { priceSentence } from "./sentence";
import { differing, SETTINGS } from "./settings";
import { SettingsPanel } from "./SettingsPanel";
import { usePrices } from "./use-prices";
import { useStart } from "./use-start";

interface Props {
  catalog: Catalog;
  datasets: DatasetRow[];
  initial: Form;
  /** The job that is repeated with changes. */
  from: Job | undefined;
}

export function ConfigureForm({ catalog, datasets, initial, from }: Props) {
  const [form, setForm] = useState(initial);
  const budget = useLimits().data;
  const prices = usePrices(form, catalog);
  const start = useStart(form, catalog, prices, budget);
  const modelName = useModelName()(form.baseModel);
  const changed = differing(form.settings, presetOf(catalog, form.preset));
  const pairs = datasets.find((one) => one.id === form.datasetId)?.total_training_pairs;
  const priceOf = (kind: "preset" | "gpu", id: string, chosen: boolean) => (chosen ? prices.estimate : prices.variants[`${kind} ${id}`]);
  return (
    <>
      <StateSentence text={priceSentence(prices.estimate, pairs, form.settings.epochs)} silent />
      {from ? <p className="why">{changedFrom(from, form)}</p> : null}
      <div className="two mt-8">
        <div className="flex min-w-0 flex-col gap-8">
          <div className="grid2">
            <DatasetChoice datasets={datasets} value={form.datasetId} onChange={(datasetId) => setForm({ ...form, datasetId })} />
            <ModelChoice catalog={catalog} value={form.baseModel} onChange={(baseModel) => setForm({ ...form, baseModel })} />
          </div>
          <Section title="How thoroughly?" flush>
            <PresetCards
              catalog={catalog}
              chosen={form.preset}
              edited={changed.length > 0}
              priceOf={(id) => priceOf("preset", id, id === form.preset)}
              onChoose={(id) => setForm(withPreset(form, catalog, id))}
            />
          </Section>
          <Section
            title="On which GPU?"
            aside={<GpuCount value={form.gpuCount} most={catalog.limits.max_gpu_count} onChange={(gpuCount) => setForm({ ...form, gpuCount })} />}
            flush
          >
            <GpuCards catalog={catalog} chosen={form.gpuType} priceOf={(type) => priceOf("gpu", type, type === form.gpuType)} onChoose={(type) => setForm(withGpu(form, type))} />
            <Alternatives
              chosen={form.gpuType}
              possible={prices.estimate?.alternatives ?? offeredInstead(catalog, form.gpuType)}
              isKnown={prices.estimate !== undefined}
              value={form.alternatives}
              onChange={(alternatives) => setForm({ ...form, alternatives })}
            />
            <Advice estimate={prices.estimate} />
          </Section>
          <Section
            title="Settings"
            aside={
              changed.length > 0 ? (
                <>
                  {changed.length === 1 ? "1 setting differs" : `${changed.length} settings differ`} from {presetName(form.preset)} ·{" "}
                  <button type="button" className="link" onClick={() => setForm(withPreset(form, catalog, form.preset))}>
                    Undo
                  </button>
                </>
              ) : null
            }
            flush
          >
            <SettingsPanel form={form} catalog={catalog} wrong={start.fields} onSetting={(name, value) => setForm((before) => withSetting(before, name, value))} />
          </Section>
        </div>
        <PricePanel form={form} prices={prices} budget={budget} start={start} modelName={modelName} />
      </div>
      <div className="start-bar">
        <span className="num text-16 font-semibold text-ink">{money(prices.estimate?.estimated_cost)}</span>
        <div className="flex-1">
          <StartButton start={start} />
        </div>
      </div>
    </>
  );
}

/** Until the price says what fits, what is there: the page then keeps its measures. */
const offeredInstead = (catalog: Catalog, chosen: string): string[] => catalog.gpu_types.filter((gpu) => gpu.available && gpu.type !== chosen).map((gpu) => gpu.type);

function changedFrom(job: Job, form: Form): string {
  const names = differing(form.settings, job.hyperparameters).map((name) => SETTINGS[name].label.toLowerCase());
  if (form.gpuType !== job.gpu_config.type || form.gpuCount !== job.gpu_config.count) names.push("GPUs");
  if (form.baseModel !== job.base_model) names.push("base model");
  if (form.datasetId !== job.dataset_id) names.push("dataset");
  return names.length === 0 ? `As “${job.name}” was.` : `Changed from “${job.name}”: ${names.join(", ")}.`;
}
