import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Form } from "./form";
import { limitsOf } from "./SettingsPanel";
import { NAMES, SETTINGS, settingText, type Hyperparameters, type SettingName } from "./settings";

const SHOWN_ABOVE: SettingName[] = ["learning_rate", "batch_size", "epochs", "rank"];
const SCHEDULES = ["cosine", "linear", "constant"] as const;
const LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

interface Props {
  form: Form;
  catalog: Catalog;
  wrong: Record<string, string[]>;
  onSetting: <N extends SettingName>(name: N, value: Hyperparameters[N]) => void;
}

/** The other thirteen, each with one plain line. */
export function MoreSettings({ form, catalog, wrong, onSetting }: Props) {
  return (
    <div className="panel rows mt-3 px-6 max-tablet:px-4">
      {NAMES.filter((name) => !SHOWN_ABOVE.includes(name)).map((name) => {
        const refused = wrong[`hyperparameters.${name}`];
        return (
          <div key={name} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3">
            <div className="min-w-0 flex-1 max-tablet:min-w-32">
              <span className="strong text-13" id={`more-${name}`}>
                {SETTINGS[name].label}
              </span>
              <span className="cap block">{SETTINGS[name].line}</span>
              {refused ? (
                <p className="wrong" role="alert">
                  {refused.join(" ")}
                </p>
              ) : null}
            </div>
            <Control name={name} form={form} catalog={catalog} onSetting={onSetting} />
          </div>
        );
      })}
    </div>
  );
}

function Control({ name, form, catalog, onSetting }: Omit<Props, "wrong"> & { name: SettingName }) {
  const labelled = { "aria-labelledby": `more-${name}` };
  if (name === "packing") {
    return (
      <label className="hit">
        <input type="checkbox" className="tick" {...labelled} checked={form.settings.packing ?? true} onChange={(event) => onSetting("packing", event.target.checked)} />
      </label>
    );
  }
  if (name === "scheduler") {
    return (
      <select className="input !w-36" {...labelled} value={form.settings.scheduler} onChange={(event) => onSetting("scheduler", SCHEDULES.find((one) => one === event.target.value))}>
        {SCHEDULES.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    );
  }
  if (name === "target_modules") return <Layers chosen={form.settings.target_modules ?? []} onChange={(layers) => onSetting("target_modules", layers)} labelled={labelled} />;
  const { minimum, maximum } = limitsOf(catalog, name);
  return (
    <input
      key={settingText(form.settings[name])}
      className="input num !w-36 text-center"
      {...labelled}
      inputMode="decimal"
      defaultValue={settingText(form.settings[name])}
      onBlur={(event) => {
        const value = Number(event.target.value);
        if (event.target.value !== "" && Number.isFinite(value)) onSetting(name, Math.min(maximum ?? value, Math.max(minimum ?? value, value)));
      }}
    />
  );
}

function Layers({ chosen, onChange, labelled }: { chosen: string[]; onChange: (layers: string[]) => void; labelled: { "aria-labelledby": string } }) {
  return (
    <span className="flex flex-wrap gap-2 max-tablet:basis-full" role="group" {...labelled}>
      {LAYERS.map((layer) => {
        const isOn = chosen.includes(layer);
        const next = isOn ? chosen.filter((one) => one !== layer) : LAYERS.filter((one) => one === layer || chosen.includes(one));
        return (
          <button key={layer} type="button" className="chip" aria-pressed={isOn} disabled={isOn && chosen.length === 1} onClick={() => onChange(next)}>
            {layer.replace("_proj", "")}
          </button>
        );
      })}
    </span>
  );
}
