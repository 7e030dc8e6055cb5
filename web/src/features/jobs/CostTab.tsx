import { Absent } from "@/components/values";
import { clock, duration, gpus, money } from "@/lib/format";
import type { Attempt, Job, JobPageData } from "./api/getJob";

const SOURCES: Record<string, string> = { provider: "measured by RunPod", worker: "measured by the worker" };

/** An attempt may have got another type than was ordered; then it is charged at that type's price. */
const gpusOf = (attempt: Attempt, job: Job): string => gpus({ type: attempt.gpu_type ?? job.gpu_config.type, count: attempt.gpu_count ?? job.gpu_config.count });
const perSecond = (attempt: Attempt, job: Job): number => ((attempt.hourly_rate_usd ?? job.hourly_rate_usd) * (attempt.gpu_count ?? job.gpu_config.count ?? 1)) / 3600;

/** What each attempt took and what was written down for it. */
export function CostTab({ page }: { page: JobPageData }) {
  const { job, attempts, cost_records } = page;
  if (attempts.length === 0) return <p className="py-6">Nothing has been charged: no GPU has worked on it yet.</p>;
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Began</th>
          <th scope="col">GPUs</th>
          <th scope="col">How it ended</th>
          <th scope="col" className="n">GPU time</th>
          <th scope="col" className="n">Amount</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.number}>
            <td className="wide" data-label="Attempt">
              <b>{attempt.number}</b>
            </td>
            <td data-label="began">{clock(attempt.started_at ?? attempt.created_at)}</td>
            <td data-label="on">{attempt.gpu_name ?? gpusOf(attempt, job)}</td>
            <td data-label="ended">{attempt.end_reason?.replaceAll("_", " ") ?? "goes on"}</td>
            <td className="n" data-label="GPU time" title={SOURCES[attempt.gpu_seconds_source ?? ""]}>
              {attempt.gpu_seconds === null ? <Absent why="Not measured yet" /> : duration(attempt.gpu_seconds)}
            </td>
            <td className="n" data-label="amount">{attempt.gpu_seconds === null ? <Absent why="Not charged yet" /> : money(attempt.gpu_seconds * perSecond(attempt, job))}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={5}>{cost_records.length > 0 ? "Written down" : "So far"}</td>
          <td className="n">{money(cost_records.length > 0 ? cost_records.reduce((sum, one) => sum + one.amount, 0) : job.current_cost)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
