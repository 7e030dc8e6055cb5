import { RadioGroup } from "radix-ui";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Estimate } from "@/features/jobs/api/getEstimate";
import { durationAhead, gpuName, money } from "@/lib/format";

type Gpu = Catalog["gpu_types"][number];

interface Props {
  catalog: Catalog;
  chosen: string;
  priceOf: (type: string) => Estimate | undefined;
  onChoose: (type: string) => void;
}

export function GpuCards({ catalog, chosen, priceOf, onChoose }: Props) {
  return (
    <RadioGroup.Root className="grid4" value={chosen} onValueChange={onChoose} aria-label="On which GPU?">
      {catalog.gpu_types.map((gpu) => {
        const price = priceOf(gpu.type);
        const fit = fitOf(gpu, price);
        return (
          <RadioGroup.Item key={gpu.type} value={gpu.type} className="choice num" disabled={!fit.choosable}>
            <span className="flex items-center gap-2">
              <span className="radio" />
              <span className="font-semibold text-ink">{gpuName(gpu.type)}</span>
            </span>
            <span className={`mt-2.5 block text-20 font-semibold ${fit.choosable ? "text-ink" : "text-ink-3"}`}>{money(price?.estimated_cost)}</span>
            <span className="cap block">{durationAhead(price ? price.estimated_duration_hours * 3600 : null)}</span>
            <span className="cap block">{money(gpu.hourly_rate)} a GPU-hour</span>
            <span className="my-3 block border-t border-line" />
            <span className={`cap block font-medium ${fit.colour}`}>{fit.word}</span>
            <span className="cap block">{fit.why}</span>
          </RadioGroup.Item>
        );
      })}
    </RadioGroup.Root>
  );
}

interface Fit {
  word: string;
  why: string;
  colour: string;
  choosable: boolean;
}

function fitOf(gpu: Gpu, price: Estimate | undefined): Fit {
  const refused = price?.memory_fit.refused ?? gpu.not_trainable;
  if (refused) return { word: "Not trained on here", why: refused, colour: "", choosable: false };
  if (!gpu.available || price?.startable === false) {
    return { word: "Not offered here", why: "priced only; no endpoint serves it", colour: "", choosable: false };
  }
  if (!price) return { word: "–", why: "\u00a0", colour: "", choosable: true };
  const { fits, needed_gb, available_gb } = price.memory_fit;
  const [needed, available] = [needed_gb.toFixed(1).replace(/\.0$/, ""), available_gb.toFixed(1).replace(/\.0$/, "")];
  if (!fits) return { word: "Does not fit", why: `needs ${needed} GB`, colour: "!text-bad", choosable: false };
  return { word: "Fits", why: `plans with ${needed} of ${available} GB`, colour: "!text-good", choosable: true };
}
