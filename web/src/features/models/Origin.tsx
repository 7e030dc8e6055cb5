import { Link } from "@tanstack/react-router";
import { KeyValues } from "@/components/KeyValues";
import { Section } from "@/components/Section";
import { useModelName } from "@/features/catalog/use-model-name";
import { count, day, gpus, rate } from "@/lib/format";
import type { Model } from "./api/getModel";

const PRESETS: Record<string, string> = { fast: "Fast", balanced: "Balanced", quality: "Quality", custom: "Custom" };

export function Origin({ model }: { model: Model }) {
  const nameOf = useModelName();
  const { hyperparameters: set, gpu_config, preset_id } = model.configuration;
  const plain = (value: number | undefined) => (value === undefined ? "–" : String(value));
  return (
    <Section title="Where it comes from" flush>
      <div className="panel pad">
        <KeyValues
          items={[
            ["Dataset", <Link key="d" to="/datasets/$id" params={{ id: model.dataset_id }}>{model.dataset.name}</Link>],
            ["Training pairs", count(model.dataset.total_training_pairs)],
            ["Job", <Link key="j" to="/training/jobs/$id" params={{ id: model.job_id }}>{`${PRESETS[preset_id] ?? preset_id}, ${day(model.job.created_at)}`}</Link>],
            ["Base model", nameOf(model.base_model)],
            ["Revision", <code key="r" title={model.base_model_revision}>{model.base_model_revision.slice(0, 8)}…</code>],
            ["GPUs", gpus(gpu_config)],
            ["Learning rate", rate(set.learning_rate)],
            ["Batch · epochs", `${plain(set.batch_size)} · ${plain(set.epochs)}`],
            ["Rank · alpha", `${plain(set.rank)} · ${plain(set.alpha)}`],
            ["Seed", plain(set.seed)],
          ]}
        />
        <hr className="rule" />
        <Link to="/training/configure" search={{ from: model.job_id }} className="btn btn-wide">
          Train again with changes
        </Link>
      </div>
    </Section>
  );
}
