import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { Progress } from "@/components/states/Progress";
import { Absent, Moment } from "@/components/values";
import { useModelName } from "@/features/catalog/use-model-name";
import { count, gpus, money } from "@/lib/format";
import { jobMark } from "@/lib/status";
import type { JobRow } from "./api/listJobs";
import { failureOfJob } from "./failure/failures";

export function JobList({ jobs }: { jobs: JobRow[] }) {
  const nameOf = useModelName();
  return (
    <div className="panel overflow-hidden">
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="w-2/5">Job</th>
            <th scope="col">State</th>
            <th scope="col">What came of it</th>
            <th scope="col">Begun</th>
            <th scope="col" className="n">Cost</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td className="wide">
                <Link to="/training/jobs/$id" params={{ id: job.id }} className="name text-14">
                  {job.name}
                </Link>
                <div className="cap">
                  {job.dataset.name} · {nameOf(job.base_model)} on {gpus(job.gpu_config)}
                </div>
                <Continues job={job} known={jobs} />
              </td>
              <td>
                <Badge mark={jobMark(job)} />
              </td>
              <td className="wide">
                <Result job={job} />
              </td>
              <td className="whitespace-nowrap">
                <Moment at={job.created_at} />
              </td>
              <td className="n">
                <b>{money(job.final_cost ?? job.current_cost)}</b>
                <div className="cap">estimated {money(job.estimated_total_cost)}</div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Continues({ job, known }: { job: JobRow; known: JobRow[] }) {
  if (!job.retry_of) return null;
  const before = known.find((one) => one.id === job.retry_of);
  return (
    <div className="cap">
      continues{" "}
      <Link to="/training/jobs/$id" params={{ id: job.retry_of }}>
        {before?.name ?? `job ${job.retry_of.slice(0, 8)}`}
      </Link>
    </div>
  );
}

function Result({ job }: { job: JobRow }) {
  if (job.status === "completed" && job.artifact_id) {
    return (
      <Link to="/models/$id" params={{ id: job.artifact_id }} aria-label={`Model of ${job.name}`}>
        Model
      </Link>
    );
  }
  if (job.status === "failed") return <>{failureOfJob(job).sentence}</>;
  if (job.status === "cancelled" || job.status === "completed") return <Absent why="No model came of it" />;
  if (job.current_step === 0) return <span className="cap">not begun; waiting costs nothing</span>;
  return (
    <div className="min-w-40">
      <Progress percent={job.progress} label={`Progress of ${job.name}`} />
      <div className="cap num mt-1">
        step {count(job.current_step)} of {count(job.total_steps)}
      </div>
    </div>
  );
}
