import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Estimate, Order } from "@/features/jobs/api/getEstimate";
import type { Job } from "@/features/jobs/api/getJob";
import type { Variant } from "./api/getPrices";
import { differing, type Hyperparameters, type SettingName } from "./settings";

export interface Form {
  datasetId: string | undefined;
  baseModel: string;
  preset: string;
  gpuType: string;
  gpuCount: number;
  /** Types to be taken while there is none of the chosen one, in this order. */
  alternatives: string[];
  settings: Hyperparameters;
  /** Alpha is twice the rank until somebody edits it. */
  alphaEdited: boolean;
}

export function freshForm(catalog: Catalog, datasetId: string | undefined): Form {
  const { defaults } = catalog;
  return {
    datasetId,
    baseModel: defaults.base_model,
    preset: defaults.preset_id,
    gpuType: defaults.gpu_type,
    gpuCount: defaults.gpu_count,
    alternatives: [],
    settings: presetOf(catalog, defaults.preset_id),
    alphaEdited: false,
  };
}

/** The form as an earlier job was: an edited preset is shown as the preset it is nearest to. */
export function formOf(catalog: Catalog, job: Job): Form {
  const named = job.preset_id === "custom" ? nearestPreset(catalog, job.hyperparameters) : job.preset_id;
  return {
    datasetId: job.dataset_id,
    baseModel: job.base_model,
    preset: named,
    gpuType: job.gpu_config.type,
    gpuCount: job.gpu_config.count ?? catalog.defaults.gpu_count,
    alternatives: job.gpu_config.alternatives ?? [],
    settings: job.hyperparameters,
    alphaEdited: true,
  };
}

function nearestPreset(catalog: Catalog, settings: Hyperparameters): string {
  const ranked = [...catalog.presets].sort((a, b) => differing(settings, a.hyperparameters).length - differing(settings, b.hyperparameters).length);
  return ranked[0]?.preset_id ?? catalog.defaults.preset_id;
}

export function presetOf(catalog: Catalog, id: string): Hyperparameters {
  return catalog.presets.find((preset) => preset.preset_id === id)?.hyperparameters ?? {};
}

export function withSetting<N extends SettingName>(form: Form, name: N, value: Hyperparameters[N]): Form {
  const settings = { ...form.settings, [name]: value };
  if (name === "rank" && !form.alphaEdited && typeof value === "number") settings.alpha = value * 2;
  return { ...form, settings, alphaEdited: form.alphaEdited || name === "alpha" };
}

export function withPreset(form: Form, catalog: Catalog, preset: string): Form {
  return { ...form, preset, settings: presetOf(catalog, preset), alphaEdited: false };
}

/** Another type is chosen; it is no alternative to itself. */
export function withGpu(form: Form, gpuType: string): Form {
  return { ...form, gpuType, alternatives: form.alternatives.filter((type) => type !== gpuType) };
}

/** What the API is asked; null while there is no dataset to ask about. */
export function orderOf(form: Form, catalog: Catalog): Order | null {
  if (!form.datasetId) return null;
  const changed = differing(form.settings, presetOf(catalog, form.preset));
  const preset = catalog.presets.find((one) => one.preset_id === form.preset);
  return {
    dataset_id: form.datasetId,
    preset_id: preset?.preset_id,
    gpu_config: { type: form.gpuType, count: form.gpuCount, ...(form.alternatives.length > 0 ? { alternatives: form.alternatives } : {}) },
    base_model: form.baseModel,
    ...(changed.length > 0 ? { hyperparameters: form.settings } : {}),
  };
}

/** The same order on every other card: presets on the chosen GPUs, GPU types with the chosen settings. */
export function variantsOf(form: Form, catalog: Catalog): Record<string, Variant> {
  const order = orderOf(form, catalog);
  if (!order) return {};
  const { preset_id, hyperparameters } = order;
  const presets = catalog.presets
    .filter((preset) => preset.preset_id !== form.preset)
    .map((preset) => [`preset ${preset.preset_id}`, { preset_id: preset.preset_id }] as const);
  const types = catalog.gpu_types
    .filter((gpu) => gpu.type !== form.gpuType)
    .map((gpu) => [`gpu ${gpu.type}`, { preset_id, hyperparameters, gpu_config: { type: gpu.type, count: form.gpuCount } }] as const);
  return Object.fromEntries<Variant>([...presets, ...types]);
}

/** The limit that is filled in: the API's own, or what is left of the month where that is less and still covers the dear end of the estimate. */
export function proposedLimit(estimate: Pick<Estimate, "default_max_cost" | "cost_range">, remaining: number | null | undefined): number {
  const usual = estimate.default_max_cost;
  if (remaining == null || remaining >= usual || remaining < estimate.cost_range.high) return toCents(usual);
  return Math.floor(remaining * 100) / 100;
}

/** Up to the next ten cents; what a float adds in the third place is no cent. */
const toCents = (amount: number): number => Math.ceil(Math.round(amount * 1000) / 100) / 10;
