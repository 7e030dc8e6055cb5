import { Histogram } from "@/components/charts/Histogram";
import { Figures } from "@/components/Figures";
import { Section } from "@/components/Section";
import { count, percent } from "@/lib/format";
import type { Dataset } from "./api/getDataset";

const COUNTED: Record<string, string> = { tokenizer: "counted with the base model’s tokenizer", estimate: "reckoned, not counted" };

export function DatasetFigures({ dataset }: { dataset: Dataset }) {
  const share = dataset.total_tokens > 0 ? (dataset.trained_tokens / dataset.total_tokens) * 100 : null;
  const held = dataset.total_validation_pairs;
  return (
    <section className="section" aria-label="Figures">
      <Figures
        items={[
          { label: "Conversations", value: count(dataset.conversations), note: `${dataset.avg_turns_per_conversation.toFixed(1)} turns each` },
          {
            label: "Training pairs",
            value: count(dataset.total_training_pairs),
            note: dataset.total_training_pairs === 0 ? undefined : held > 0 ? `about ${count(held)} held out to judge by` : "none held out to judge by",
          },
          { label: "Tokens in all", value: count(dataset.total_tokens), note: COUNTED[dataset.token_count_method] ?? dataset.token_count_method },
          { label: "Tokens learned", value: count(dataset.trained_tokens), note: share === null ? undefined : `${percent(share)} of what is read` },
        ]}
      />
    </section>
  );
}

export function Histograms({ dataset }: { dataset: Dataset }) {
  if (dataset.token_histogram.length === 0) return null;
  return (
    <div className="half section">
      <Section title="Tokens per row" flush>
        <div className="panel pad">
          <Histogram buckets={dataset.token_histogram} of="Tokens" unit="row" />
        </div>
      </Section>
      <Section title="Turns per row" flush>
        <div className="panel pad">
          <Histogram buckets={dataset.turn_histogram} of="Turns" unit="row" />
        </div>
      </Section>
    </div>
  );
}
