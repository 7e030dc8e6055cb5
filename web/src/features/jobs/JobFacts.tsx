import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { KeyValues } from "@/components/KeyValues";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { gpuName, gpus, money, rate } from "@/lib/format";
import { hasEnded } from "@/lib/polling";
import type { Job } from "./api/getJob";
import { LimitDialog } from "./actions/LimitDialog";

/** The types that it may take while there is none of the first. */
function instead({ gpu_config: { alternatives = [] } }: Job): [string, string][] {
  return alternatives.length > 0 ? [["If there is none", alternatives.map(gpuName).join(", ")]] : [];
}

function Limit({ job }: { job: Job }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {job.max_cost === null ? <span className="text-prep">no limit</span> : money(job.max_cost)}
      {hasEnded(job.status) ? null : (
        <>
          {" · "}
          <button type="button" className="link" aria-label="Change the spending limit" onClick={() => setOpen(true)}>
            Change
          </button>
          <LimitDialog job={job} open={open} onClose={() => setOpen(false)} />
        </>
      )}
    </>
  );
}

export function JobFacts({ job, modelName }: { job: Job; modelName: string }) {
  const h = job.hyperparameters;
  return (
    <Section title="What it runs with" flush>
      <div className="panel pad num">
        <KeyValues
          items={[
            ["Dataset", <Link key="d" to="/datasets/$id" params={{ id: job.dataset_id }}>{job.dataset.name}</Link>],
            ["Base model", modelName],
            ["Preset", <span key="p" className="capitalize">{job.preset_id}</span>],
            ["GPUs", gpus(job.gpu_config)],
            ...instead(job),
            ["Price", `${money(job.hourly_rate_usd * (job.gpu_config.count ?? 1))} an hour`],
            ["Learning rate", rate(h.learning_rate)],
            ["Batch · epochs", `${h.batch_size ?? "–"} · ${h.epochs ?? "–"}`],
            ["Rank · alpha", `${h.rank ?? "–"} · ${h.alpha ?? "–"}`],
            ["Spending limit", <Limit key="l" job={job} />],
            ["Stops by itself at", <Moment key="s" at={job.deadline_at} />],
          ]}
        />
        <hr className="rule" />
        <Link to="/training/configure" search={{ from: job.id }} className="btn btn-wide">
          Run again with changes
        </Link>
      </div>
    </Section>
  );
}
