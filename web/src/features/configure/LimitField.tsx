import { useId } from "react";
import type { Budget } from "@/features/account/api/getLimits";
import type { Estimate } from "@/features/jobs/api/getEstimate";
import { money } from "@/lib/format";
import type { Start } from "./use-start";

interface Props {
  start: Start;
  estimate: Estimate | undefined;
  budget: Budget | undefined;
}

/** The limit follows the estimate until somebody writes one. */
export function LimitField({ start, estimate, budget }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Stop before it costs more than</label>
      <div className="relative">
        <span className="absolute top-1/2 left-3 -translate-y-1/2 text-ink" aria-hidden="true">
          $
        </span>
        <input
          id={id}
          className="input !pl-7"
          inputMode="decimal"
          aria-describedby={`${id}-says`}
          aria-invalid={start.overBudget || start.wrongLimit ? true : undefined}
          value={start.limitText}
          onChange={(event) => start.setLimit(event.target.value)}
        />
      </div>
      <p id={`${id}-says`} className={`min-h-16 ${said(start).className}`}>
        {wordsOf(start, estimate, budget)}
      </p>
    </div>
  );
}

function said(start: Start): { className: string } {
  if (start.limit === null) return { className: "hint !text-prep" };
  return { className: start.overBudget || start.wrongLimit ? "wrong" : "hint" };
}

function wordsOf(start: Start, estimate: Estimate | undefined, budget: Budget | undefined): string {
  if (start.wrongLimit) return start.wrongLimit;
  const worst = estimate ? `Without a limit it could cost up to ${money(estimate.worst_case_cost)}.` : "";
  const free = budget && start.overBudget ? `Only ${money(budget.remaining)} of ${money(budget.monthly_limit)} are free this month.` : "";
  if (start.limit === null) return free ? `${worst} ${free} Set a limit, or wait.` : worst;
  if (free) return `${free} Set less here, or wait.`;
  if (!estimate) return "";
  return `It may pass this by ${money(estimate.worst_case_overrun)} at most. When it stops, the last checkpoint is kept and you can go on with a higher limit. ${worst}`;
}
