import { useCatalog } from "@/features/catalog/api/getCatalog";
import { differing, NAMES, SETTINGS, settingText } from "@/features/configure/settings";
import type { Job } from "./api/getJob";

/** Every setting of the job; those that differ from the preset come first. */
export function SettingsTab({ job }: { job: Job }) {
  const { data } = useCatalog();
  const named = job.preset_id === "custom" ? "balanced" : job.preset_id;
  const preset = data?.presets.find((one) => one.preset_id === named);
  const different = differing(job.hyperparameters, preset?.hyperparameters);
  const rest = NAMES.filter((name) => !different.includes(name));
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">What it does</th>
          <th scope="col" className="n">Value</th>
          <th scope="col" className="n">{named === "balanced" ? "Balanced" : named}</th>
        </tr>
      </thead>
      <tbody>
        {[...different, ...rest].map((name) => (
          <tr key={name}>
            <td className="wide">
              <b>{SETTINGS[name].label}</b>
            </td>
            <td className="wide">{SETTINGS[name].line}</td>
            <td className="n" data-label="Value">
              {different.includes(name) ? <b>{settingText(job.hyperparameters[name])}</b> : settingText(job.hyperparameters[name])}
            </td>
            <td className="n" data-label="Preset">
              {settingText(preset?.hyperparameters[name])}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
