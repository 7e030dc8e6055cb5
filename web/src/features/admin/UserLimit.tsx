import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { Loaded } from "@/components/states/Loaded";
import type { Budget } from "@/features/account/api/getLimits";
import { announce } from "@/lib/announce";
import { money, monthName } from "@/lib/format";
import { useUserLimits, userLimitsQuery } from "./api/getUserLimits";
import { setUserLimits } from "./api/setUserLimits";
import { limitOf } from "./limit-field";

export function UserLimit({ user }: { user: string }) {
  const query = useUserLimits(user);
  return (
    <div>
      <Loaded query={query} what="The limit" skeleton={<div className="grey late h-24" aria-busy="true" />}>
        {(budget) => <LimitForm key={budget.monthly_limit} user={user} budget={budget} />}
      </Loaded>
    </div>
  );
}

function LimitForm({ user, budget }: { user: string; budget: Budget }) {
  const [text, setText] = useState(budget.monthly_limit === null ? "0" : String(budget.monthly_limit));
  const [wrong, setWrong] = useState<string>();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (limit: number | null) => setUserLimits(user, limit),
    onSuccess: (after) => {
      client.setQueryData(userLimitsQuery(user).queryKey, after);
      announce("The limit is set");
      return client.invalidateQueries({ queryKey: ["limits"] });
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const limit = limitOf(text);
        setWrong(typeof limit === "string" ? limit : undefined);
        if (typeof limit !== "string") change.mutate(limit);
      }}
    >
      <p className="text-ink">{standing(budget)}</p>
      <div className="mt-3 flex flex-wrap items-start gap-2">
        <div className="w-80 max-tablet:w-full">
          <Field
            label="Monthly limit in dollars"
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
            hint="Empty: the limit of this stage. 0: no limit at all."
            wrong={wrong}
          />
        </div>
        <button type="submit" className="btn tablet:mt-6.5" disabled={change.isPending}>
          {change.isPending ? "Setting …" : "Set this limit"}
        </button>
        <p className="cap tablet:mt-10 tablet:ml-2 max-tablet:self-center">From now on. Jobs that run go on.</p>
      </div>
      <ErrorNote error={change.error} />
    </form>
  );
}

function standing(budget: Budget): string {
  const spent = `${money(budget.spent)} spent and ${money(budget.committed)} reserved in ${monthName(budget.month)}`;
  return budget.monthly_limit === null ? `${spent}; no limit.` : `${spent}, of ${money(budget.monthly_limit)}; ${money(budget.remaining)} are free.`;
}
