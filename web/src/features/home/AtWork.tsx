import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { EmptyState } from "@/components/states/EmptyState";
import { Progress } from "@/components/states/Progress";
import { useNow } from "@/components/hooks/use-now";
import { useModelName } from "@/features/catalog/use-model-name";
import type { JobRow } from "@/features/jobs/api/listJobs";
import { count, duration, gpus, moment, money } from "@/lib/format";
import { jobMark } from "@/lib/status";

export function AtWork({ jobs }: { jobs: JobRow[] }) {
  const now = useNow();
  const nameOf = useModelName();
  if (jobs.length === 0) {
    return <EmptyState title="Nothing is running.">GPUs are only started for a job, and given back when it ends.</EmptyState>;
  }
  return (
    <ul className="panel rows">
      {jobs.map((job) => (
        <li key={job.id} className="work-row items-center gap-x-6 gap-y-2 px-6 py-4 max-tablet:px-4">
          <div>
            <Link to="/training/jobs/$id" params={{ id: job.id }} className="name">
              {job.name}
            </Link>
            <div className="cap num">
              {nameOf(job.base_model)} on {gpus(job.gpu_config)}
            </div>
          </div>
          <div>
            <Badge mark={jobMark(job)} />
          </div>
          <Doing job={job} now={now} />
          <div className="num desk:text-right">
            <span className="strong">{money(job.current_cost)}</span>
            <Limit of={job.max_cost} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function Limit({ of }: { of: number | null }) {
  if (of === null) return <div className="cap !text-prep max-desk:inline max-desk:ml-2">no limit</div>;
  return <div className="cap max-desk:inline max-desk:ml-2">of at most {money(of)}</div>;
}

function Doing({ job, now }: { job: JobRow; now: Date }) {
  if (job.status === "queued" || job.current_stage === "queued_on_gpu") {
    const waited = (now.getTime() - Date.parse(job.queued_at)) / 1000;
    return <span className="cap num">for {duration(waited)}; waiting costs nothing</span>;
  }
  const done = job.estimated_completion_at ? `done at ${moment(job.estimated_completion_at, now)}` : "";
  return (
    <div>
      <Progress percent={job.progress} label={`Progress of ${job.name}`} />
      <div className="cap num mt-1 flex justify-between gap-2">
        <span>
          step {count(job.current_step)} of {count(job.total_steps)}
        </span>
        <span>{job.status === "paused" ? "rests, nothing is charged" : done}</span>
      </div>
    </div>
  );
}
