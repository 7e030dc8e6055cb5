import { Icon } from "@/components/icons";

export function GpuCount({ value, most, onChange }: { value: number; most: number; onChange: (count: number) => void }) {
  return (
    <span className="inline-flex items-center gap-2.5" role="group" aria-label="How many GPUs">
      How many
      <span className="inline-flex items-center rounded-2 border border-line-strong bg-surface">
        <button type="button" className="icon-btn" aria-label="One GPU fewer" disabled={value <= 1} onClick={() => onChange(value - 1)}>
          <Icon name="minus" size={16} />
        </button>
        <output className="num w-7 text-center font-medium text-ink">{value}</output>
        <button type="button" className="icon-btn" aria-label="One GPU more" disabled={value >= most} onClick={() => onChange(value + 1)}>
          <Icon name="plus" size={16} />
        </button>
      </span>
    </span>
  );
}
