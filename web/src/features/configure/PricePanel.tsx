import { Link } from "@tanstack/react-router";
import { ErrorState } from "@/components/states/ErrorState";
import { KeyValues } from "@/components/KeyValues";
import type { Budget } from "@/features/account/api/getLimits";
import { count, durationAhead, gpuName, money, monthName } from "@/lib/format";
import type { Form } from "./form";
import { LimitField } from "./LimitField";
import type { PricesState } from "./use-prices";
import type { Start } from "./use-start";

interface Props {
  form: Form;
  prices: PricesState;
  budget: Budget | undefined;
  start: Start;
  modelName: string;
}

/** What it costs, where the price comes from, the limit, and the button that carries the price. */
export function PricePanel({ form, prices, budget, start, modelName }: Props) {
  const { estimate } = prices;
  return (
    <aside className="panel pad num sticky top-6 shadow-1" aria-label="Price">
      <p className="cap">Estimated cost</p>
      <div className={prices.isOld && estimate ? "opacity-55" : undefined} aria-busy={prices.isOld}>
        <p className="text-32 font-semibold tracking-tight text-ink">{money(estimate?.estimated_cost)}</p>
        {form.datasetId || estimate ? <Reckoned estimate={estimate} basis={estimate ? basis(estimate, modelName, gpuName(form.gpuType)) : ""} /> : <p className="cap">Choose a dataset to see the price.</p>}
      </div>
      {prices.error ? (
        <div className="mt-4">
          <ErrorState what="The price" error={prices.error} retry={() => void prices.refetch()} />
        </div>
      ) : null}
      <hr className="rule" />
      <LimitField start={start} estimate={estimate} budget={budget} />
      <div className="mt-4 max-desk:hidden">
        <StartButton start={start} />
      </div>
      {budget && budget.monthly_limit !== null ? (
        <p className="cap mt-3 text-center">
          {money(budget.remaining)} of {money(budget.monthly_limit)} free in {monthName(budget.month)}
        </p>
      ) : null}
    </aside>
  );
}

export function StartButton({ start }: { start: Start }) {
  return (
    <>
      <button type="button" className="btn btn-primary btn-wide" disabled={!start.isPossible} onClick={start.begin}>
        {start.label}
      </button>
      {start.refusal ? (
        <p className="wrong mt-2" role="alert">
          {start.refusal}{" "}
          {start.startedBefore ? (
            <Link to="/training/jobs/$id" params={{ id: start.startedBefore }}>
              Open the job
            </Link>
          ) : null}
        </p>
      ) : null}
    </>
  );
}

type Priced = NonNullable<PricesState["estimate"]>;

/** The figures of a price; while the first is reckoned, their places. */
function Reckoned({ estimate, basis: words }: { estimate: Priced | undefined; basis: string }) {
  const steps = estimate?.planned ?? estimate?.training_details;
  const about = estimate && !estimate.planned ? "about " : "";
  return (
    <>
      <p>
        between {money(estimate?.cost_range.low)} and {money(estimate?.cost_range.high)}
      </p>
      <Range estimate={estimate} />
      <p className="cap mt-3 min-h-12">{words}</p>
      <hr className="rule" />
      <KeyValues
        items={[
          ["Compute", money(estimate?.cost_breakdown.compute)],
          ["Storage", money(estimate?.cost_breakdown.storage)],
          ["Duration", durationAhead(estimate ? estimate.estimated_duration_hours * 3600 : null)],
          ["Price of the GPUs", `${money(estimate?.hourly_rate)} an hour`],
          ["Steps", `${about}${count(steps?.total_steps)}`],
          ["Steps per epoch", count(steps?.steps_per_epoch)],
          ["Speed", `${count(estimate?.training_details.estimated_throughput_tokens_per_sec)} tokens/s`],
        ]}
      />
    </>
  );
}

function Range({ estimate }: { estimate: Priced | undefined }) {
  const { low, high } = estimate?.cost_range ?? { low: 0, high: 0 };
  const at = estimate && high > low ? ((estimate.estimated_cost - low) / (high - low)) * 100 : 50;
  return (
    <div className="relative mt-5 mb-1 h-1 rounded-full bg-accent/35" aria-hidden="true">
      <span className="absolute -top-1 size-3 -translate-x-1/2 rounded-full bg-accent" style={{ left: `${at}%` }} />
    </div>
  );
}

function basis(estimate: Priced, model: string, gpu: string): string {
  if (estimate.basis === "measured") return `From ${count(estimate.measured_runs)} finished runs on ${model} with ${gpu}.`;
  return `From the formula: no run on ${model} with ${gpu} has finished yet. After the first one, its measured speed is used.`;
}
