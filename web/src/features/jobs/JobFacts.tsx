import { Link } from "@tanstack/react-router";
import { KeyValues } from "@/components/KeyValues";
import { Section } from "@/components/Section";
import { Moment } from "@/components/values";
import { gpus, money, rate } from "@/lib/format";
import type { Job } from "./api/getJob";

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
            ["Price", `${money(job.hourly_rate_usd * (job.gpu_config.count ?? 1))} an hour`],
            ["Learning rate", rate(h.learning_rate)],
            ["Batch · epochs", `${h.batch_size ?? "–"} · ${h.epochs ?? "–"}`],
            ["Rank · alpha", `${h.rank ?? "–"} · ${h.alpha ?? "–"}`],
            ["Spending limit", job.max_cost === null ? <span key="l" className="text-prep">no limit</span> : money(job.max_cost)],
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
