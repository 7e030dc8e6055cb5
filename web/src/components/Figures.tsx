import type { ReactNode } from "react";
import type { Tone } from "@/lib/status";

export interface Figure {
  label: string;
  value: string;
  unit?: string;
  note?: ReactNode;
  tone?: Tone;
  title?: string;
}

const TONES: Partial<Record<Tone, string>> = { good: "text-good", bad: "text-bad", prep: "text-prep" };

/** Numbers in one ruled row; two by two on a phone. */
export function Figures({ items }: { items: Figure[] }) {
  return (
    <dl className="figs num">
      {items.map((item) => (
        <div className="fig" key={item.label}>
          <dt>{item.label}</dt>
          <dd title={item.title}>
            <span className="value">
              {item.value} {item.unit ? <span className="unit">{item.unit}</span> : null}
            </span>
            {item.note ? <span className={`fig-note ${(item.tone && TONES[item.tone]) ?? ""}`}>{item.note}</span> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
