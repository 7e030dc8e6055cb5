import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { failureOf } from "@/lib/api/failure";
import { money } from "@/lib/format";
import { changeJob } from "@/features/jobs/api/changeJob";
import type { Job } from "@/features/jobs/api/getJob";
import { useJobAction } from "./use-job-action";
import { limitToFinish } from "@/features/jobs/failure/ways-out";

/** Another limit for a job that has not ended; one that rests because of the old one goes on with it. */
export function LimitDialog({ job, open, onClose }: { job: Job; open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="What may it cost?">
      <LimitForm job={job} onClose={onClose} />
    </Dialog>
  );
}

function LimitForm({ job, onClose }: { job: Job; onClose: () => void }) {
  const goesOn = restsOnItsLimit(job);
  const [text, setText] = useState((goesOn || job.max_cost === null ? limitToFinish(job) : job.max_cost).toFixed(2));
  const limit = text.trim() === "" ? null : Number(text);
  const change = useJobAction(() => changeJob(job.id, { max_cost: limit, resume: goesOn }), onClose);
  const refused = change.error ? failureOf(change.error).fields.max_cost?.join(" ") : undefined;
  const isAmount = limit === null || (Number.isFinite(limit) && limit > job.current_cost);
  const wrong = isAmount ? refused : `Write more than the ${money(job.current_cost)} that it has cost.`;
  const act = goesOn ? "Set it and resume" : "Set the limit";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Field
        label="Stop before it costs more than, in dollars"
        hint={limit === null ? "Without a limit only its deadline stops it." : `It has cost ${money(job.current_cost)}; the estimate was ${money(job.estimated_total_cost)}, at most about ${money(job.estimated_cost_high)}.`}
        inputMode="decimal"
        value={text}
        onChange={(event) => setText(event.target.value)}
        wrong={wrong}
      />
      {refused ? null : <ErrorNote error={change.error} />}
      <div className="dialog-acts">
        <button type="button" className="btn" onClick={onClose}>
          Leave it
        </button>
        <button type="submit" className="btn" disabled={change.isPending || !isAmount}>
          {change.isPending ? "Setting …" : act}
        </button>
      </div>
    </form>
  );
}

/** Whether it was paused by its own limit, so that going on wants a higher one. */
export function restsOnItsLimit(job: Job): boolean {
  return job.status === "paused" && job.pause_reason === "budget_exceeded";
}
