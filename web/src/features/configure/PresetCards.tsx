import { RadioGroup } from "radix-ui";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Estimate } from "@/features/jobs/api/getEstimate";
import { counted, durationAhead, money } from "@/lib/format";

const WORDS: Record<string, string> = { fast: "To try things out", balanced: "Recommended", quality: "Slower and dearer" };
const NAMES: Record<string, string> = { fast: "Fast", balanced: "Balanced", quality: "Quality" };

interface Props {
  catalog: Catalog;
  chosen: string;
  edited: boolean;
  priceOf: (preset: string) => Estimate | undefined;
  onChoose: (preset: string) => void;
}

export function PresetCards({ catalog, chosen, edited, priceOf, onChoose }: Props) {
  return (
    <RadioGroup.Root className="grid3" value={chosen} onValueChange={onChoose} aria-label="How thoroughly?">
      {catalog.presets.map(({ preset_id: id, hyperparameters: h }) => {
        const price = priceOf(id);
        const isEdited = edited && id === chosen;
        return (
          <RadioGroup.Item key={id} value={id} className="choice num">
            <span className="flex items-center gap-2">
              <span className="radio" />
              <span className="font-semibold text-ink">{presetName(id)}</span>
              <span className="cap ml-auto" title={isEdited ? "The job is stored as custom" : undefined}>
                {isEdited ? "Edited" : WORDS[id]}
              </span>
            </span>
            <span className="mt-2.5 flex items-baseline justify-between">
              <span className="text-20 font-semibold text-ink">{money(price?.estimated_cost)}</span>
              <span className="cap">{durationAhead(price ? price.estimated_duration_hours * 3600 : null)}</span>
            </span>
            <span className="cap block">
              {counted(h.epochs ?? 0, "epoch")} · batch {h.batch_size} · rank {h.rank}
            </span>
          </RadioGroup.Item>
        );
      })}
    </RadioGroup.Root>
  );
}

export function presetName(id: string): string {
  return NAMES[id] ?? id;
}
