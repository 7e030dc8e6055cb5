import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Budget } from "@/features/account/api/getLimits";
import type { Catalog } from "@/features/catalog/api/getCatalog";
import type { Estimate } from "@/features/jobs/api/getEstimate";
import { failureOf } from "@/lib/api/failure";
import { money } from "@/lib/format";
import { createJob } from "./api/createJob";
import { orderOf, proposedLimit, type Form } from "./form";
import type { PricesState } from "./use-prices";

/** Starting: the key is made when the form opens, so that a double click, or a lost answer, starts one job. */
export function useStart(form: Form, catalog: Catalog, prices: PricesState, budget: Budget | undefined) {
  const [key] = useState(() => crypto.randomUUID());
  const limit = useLimit(prices.estimate, budget);
  const navigate = useNavigate();
  const client = useQueryClient();
  const order = orderOf(form, catalog);
  const create = useMutation({
    mutationFn: async () => {
      if (!order) throw new Error("no dataset is chosen");
      return createJob({ ...order, max_cost: limit.limit }, key);
    },
    onSuccess: async (job) => {
      await navigate({ to: "/training/jobs/$id", params: { id: job.id } });
      await Promise.all([client.invalidateQueries({ queryKey: ["jobs"] }), client.invalidateQueries({ queryKey: ["limits"] })]);
    },
  });
  const failure = create.error ? failureOf(create.error) : null;
  const isBusy = create.isPending || create.isSuccess;
  return {
    ...limit,
    isPossible: prices.isCurrent && canRun(prices.estimate) && !limit.overBudget && !limit.wrongLimit && !isBusy,
    label: isBusy ? "Starting …" : priced(prices.estimate),
    begin: () => create.mutate(),
    fields: failure?.fields ?? {},
    refusal: failure?.message,
    /** The job that an earlier, unanswered try had started. */
    startedBefore: failure?.code === "already_exists" ? String(failure.details.existing_id) : undefined,
  };
}

export type Start = ReturnType<typeof useStart>;

/** The limit follows the estimate until somebody writes one; emptied, there is none. */
function useLimit(estimate: Estimate | undefined, budget: Budget | undefined) {
  const [written, setWritten] = useState<string>();
  const limitText = written ?? (estimate ? proposedLimit(estimate, budget?.remaining).toFixed(2) : "");
  const limit = limitText.trim() === "" ? null : Number(limitText);
  const isAmount = limit === null || (Number.isFinite(limit) && limit > 0);
  const most = limit ?? estimate?.worst_case_cost ?? 0;
  return {
    limit,
    limitText,
    wrongLimit: isAmount ? undefined : "Write an amount above zero, or nothing.",
    overBudget: budget?.remaining != null && most > budget.remaining,
    setLimit: setWritten,
  };
}

function canRun(estimate: Estimate | undefined): boolean {
  return estimate !== undefined && estimate.memory_fit.fits && estimate.startable;
}

function priced(estimate: Estimate | undefined): string {
  return estimate ? `Start training · about ${money(estimate.estimated_cost)}` : "Start training";
}
