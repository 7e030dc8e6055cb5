import { Link } from "@tanstack/react-router";
import { Section } from "@/components/Section";
import { Stars, starsWord } from "@/components/Stars";
import type { ModelRow } from "@/features/models/api/listModels";
import { VerdictLine } from "@/features/models/VerdictLine";
import { count, day, duration, loss, money } from "@/lib/format";

export function NewestModels({ models, total }: { models: ModelRow[]; total: number }) {
  if (models.length === 0) return null;
  return (
    <Section title="Newest models" aside={<Link to="/models">All {count(total)}</Link>}>
      <ul className="grid3">
        {models.map((model) => (
          <li key={model.id} className="panel pad">
            <div className="flex items-center gap-2">
              <Stars value={model.quality_metrics.overall_score} />
              <span className="cap">{starsWord(model.quality_metrics.overall_score)}</span>
              <span className="cap num ml-auto">{day(model.created_at)}</span>
            </div>
            <p className="mt-2.5">
              <Link to="/models/$id" params={{ id: model.id }} className="name font-semibold">
                {model.name}
              </Link>
            </p>
            <VerdictLine model={model} />
            <p className="text-13">{model.quality_metrics.reason}</p>
            <p className="cap num mt-2.5">{facts(model)}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function facts(model: ModelRow): string {
  const { total_cost, training_duration_hours } = model.training_summary;
  const held = model.quality_metrics.final_validation_loss;
  const last = held === null ? "nothing held out" : `held-out loss ${loss(held)}`;
  return [money(total_cost), duration(training_duration_hours * 3600), last].join(" · ");
}
