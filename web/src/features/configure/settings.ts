import { rate } from "@/lib/format";
import type { Catalog } from "@/features/catalog/api/getCatalog";

export type Hyperparameters = Catalog["presets"][number]["hyperparameters"];
export type SettingName = keyof Hyperparameters;

/** Every setting with its name, and one plain line of what it does. */
export const SETTINGS: Record<SettingName, { label: string; line: string }> = {
  learning_rate: { label: "Learning rate", line: "how big each step is" },
  batch_size: { label: "Batch size", line: "answers per step" },
  epochs: { label: "Epochs", line: "times through the data" },
  rank: { label: "Rank", line: "room for what is new" },
  alpha: { label: "Alpha", line: "how strongly the adapter speaks; follows the rank" },
  dropout: { label: "Dropout", line: "share of the adapter left out at random while learning" },
  max_sequence_tokens: { label: "Longest row", line: "tokens of the longest row that is accepted" },
  gradient_accumulation_steps: { label: "Accumulation", line: "batches gathered into one step" },
  warmup_ratio: { label: "Warm-up", line: "share of the steps over which the rate rises" },
  weight_decay: { label: "Weight decay", line: "pull of the weights towards zero" },
  max_gradient_norm: { label: "Gradient limit", line: "a larger gradient is cut to this length" },
  scheduler: { label: "Schedule", line: "how the rate falls after warming up" },
  seed: { label: "Seed", line: "the same seed gives the same order and start" },
  target_modules: { label: "Adapted layers", line: "which projections get an adapter" },
  packing: { label: "Packing", line: "several rows share a pass and none sees another; faster" },
  validation_fraction: { label: "Held out", line: "share of conversations kept to judge by" },
  early_stopping_patience: { label: "Early stopping", line: "judgements without progress before it stops; 0 is never" },
};

export const NAMES = Object.keys(SETTINGS) as SettingName[];

export function settingText(value: Hyperparameters[SettingName]): string {
  if (value === undefined) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return rate(value);
  return typeof value === "string" ? value : value.map((name) => name.replace("_proj", "")).join(", ");
}

/** Which settings are not the preset's. */
export function differing(values: Hyperparameters, preset: Hyperparameters | undefined): SettingName[] {
  if (!preset) return [];
  return NAMES.filter((name) => settingText(values[name]) !== settingText(preset[name]));
}
