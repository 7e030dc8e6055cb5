import { useState } from "react";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Form } from "./form";
import { MoreSettings } from "./MoreSettings";
import { presetOf } from "./form";
import { differing, settingText, type Hyperparameters, type SettingName } from "./settings";
import { SettingSlider } from "./SettingSlider";

const RANGES = {
  learning_rate: { low: 0.00001, high: 0.0002, step: 0.00001, logarithmic: true },
  batch_size: { low: 1, high: 16, step: 1 },
  epochs: { low: 1, high: 10, step: 1 },
  rank: { low: 4, high: 64, step: 4 },
} as const;
const MAIN = ["learning_rate", "batch_size", "epochs", "rank"] as const;

interface Props {
  form: Form;
  catalog: Catalog;
  wrong: Record<string, string[]>;
  onSetting: <N extends SettingName>(name: N, value: Hyperparameters[N]) => void;
}

export function limitsOf(catalog: Catalog, name: SettingName): { minimum?: number | undefined; maximum?: number | undefined } {
  const facts = catalog.limits.hyperparameters[name];
  if (typeof facts !== "object" || facts === null) return {};
  const { minimum, maximum } = facts as Record<string, unknown>;
  return { minimum: typeof minimum === "number" ? minimum : undefined, maximum: typeof maximum === "number" ? maximum : undefined };
}

export function SettingsPanel({ form, catalog, wrong, onSetting }: Props) {
  const [open, setOpen] = useState(false);
  const preset = presetOf(catalog, form.preset);
  const refused = Object.keys(wrong).some((field) => field.startsWith("hyperparameters.") && !MAIN.some((name) => field.endsWith(name)));
  const isOpen = open || refused;
  return (
    <>
      <div className="panel rows px-6 py-1 max-tablet:px-4">
        {MAIN.map((name) => (
          <SettingSlider
            key={name}
            name={name}
            value={form.settings[name] ?? 0}
            preset={preset[name]}
            range={RANGES[name]}
            limits={limitsOf(catalog, name)}
            wrong={wrong[`hyperparameters.${name}`]?.join(" ")}
            onChange={(value) => onSetting(name, value)}
          />
        ))}
      </div>
      <p className="mt-3 flex flex-wrap items-baseline gap-2">
        <button type="button" className="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Fewer settings" : "More settings"}
        </button>
        {isOpen ? null : <span className="cap num">{restWords(form.settings, preset)}</span>}
      </p>
      {isOpen ? <MoreSettings form={form} catalog={catalog} wrong={wrong} onSetting={onSetting} /> : null}
    </>
  );
}

function restWords(settings: Hyperparameters, preset: Hyperparameters): string {
  const rest = differing(settings, preset).filter((name) => !(MAIN as readonly string[]).includes(name) && name !== "alpha");
  const some = `alpha ${settingText(settings.alpha)}, dropout ${settingText(settings.dropout)}, longest row ${(settings.max_sequence_tokens ?? 0).toLocaleString("en-US")} tokens, ${Math.round((settings.validation_fraction ?? 0) * 100)} % held out …`;
  return rest.length === 0 ? `13 more, all at their defaults: ${some}` : `13 more, ${rest.length} of them changed: ${some}`;
}
