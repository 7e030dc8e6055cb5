import { Slider } from "radix-ui";
import { useState } from "react";
import { rate } from "@/lib/format";
import { SETTINGS, type SettingName } from "./settings";

interface Props {
  name: SettingName;
  value: number;
  preset: number | undefined;
  /** The range of the slider; the number field takes the API's wider limits. */
  range: { low: number; high: number; step: number; logarithmic?: boolean };
  limits: { minimum?: number | undefined; maximum?: number | undefined };
  wrong?: string | undefined;
  onChange: (value: number) => void;
}

const STEPS = 1000;

/** A setting by slider and by number; a tick marks the preset's value. */
export function SettingSlider({ name, value, preset, range, limits, wrong, onChange }: Props) {
  const { label, line } = SETTINGS[name];
  const [typed, setTyped] = useState<string>();
  const at = (number: number) => Math.round(Math.min(1, Math.max(0, position(number, range))) * STEPS);
  const commit = () => {
    const number = Number(typed);
    if (typed && Number.isFinite(number)) onChange(Math.min(limits.maximum ?? number, Math.max(limits.minimum ?? number, number)));
    setTyped(undefined);
  };
  return (
    <div className="setting" id={`setting-${name}`}>
      <div>
        <span className="strong text-13">{label}</span>
        <span className="cap block">{line}</span>
      </div>
      <Slider.Root
        className="slider"
        min={0}
        max={STEPS}
        step={range.logarithmic ? 10 : Math.max(1, Math.round((range.step / (range.high - range.low)) * STEPS))}
        value={[at(value)]}
        onValueChange={([next]) => onChange(valueAt((next ?? 0) / STEPS, range))}
      >
        <Slider.Track className="slider-track">
          <Slider.Range className="slider-range" />
        </Slider.Track>
        {preset === undefined ? null : <span className="slider-tick" style={{ left: `${at(preset) / 10}%` }} aria-hidden="true" />}
        <Slider.Thumb className="slider-thumb" aria-label={label} aria-valuetext={rate(value)} />
      </Slider.Root>
      <input
        className="input num text-center"
        aria-label={`${label}, as a number`}
        aria-invalid={wrong ? true : undefined}
        inputMode="decimal"
        value={typed ?? rate(value)}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => (event.key === "Enter" ? commit() : undefined)}
      />
      {wrong ? (
        <p className="wrong col-span-full" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}

function position(value: number, { low, high, logarithmic }: Props["range"]): number {
  return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** A position as a value that people would write: two digits on a logarithmic slider, whole steps on a plain one. */
export function valueAt(share: number, { low, high, step, logarithmic }: Props["range"]): number {
  if (logarithmic) return Number((low * (high / low) ** share).toPrecision(2));
  return Number((low + Math.round((share * (high - low)) / step) * step).toFixed(6));
}
