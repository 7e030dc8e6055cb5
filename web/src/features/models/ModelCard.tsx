import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { Stars, starsWord } from "@/components/Stars";
import { useModelName } from "@/features/catalog/use-model-name";
import { day, money } from "@/lib/format";
import { modelMark } from "@/lib/status";
import type { ModelRow } from "./api/listModels";
import { VerdictLine } from "./VerdictLine";

export function ModelCard({ model }: { model: ModelRow }) {
  const nameOf = useModelName();
  const { overall_score: stars, convergence_quality, reason } = model.quality_metrics;
  return (
    <li className="panel pad flex flex-col">
      <div className="flex items-center gap-2">
        <Stars value={stars} />
        <span className="cap">{starsWord(stars)}</span>
        <span className="ml-auto">
          <Badge mark={modelMark(model.status)} />
        </span>
      </div>
      <p className="mt-2.5">
        <Link to="/models/$id" params={{ id: model.id }} className="name font-semibold">
          {model.name}
        </Link>
      </p>
      <p className="cap num">
        {model.dataset.name} · {nameOf(model.base_model)}
      </p>
      <div className="mt-2">
        <VerdictLine model={model} />
      </div>
      <p className="text-13">{reason}</p>
      {convergence_quality === "overfitting detected" ? <p className="text-13 text-prep">Overfitting detected</p> : null}
      <p className="cap num mt-auto pt-3">
        {day(model.created_at)} · {money(model.training_summary.total_cost)}
      </p>
    </li>
  );
}
