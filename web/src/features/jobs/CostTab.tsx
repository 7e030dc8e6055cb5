import { Absent } from "@/components/values";
import { clock, duration, gpus, money } from "@/lib/format";
import type { JobPageData } from "./api/getJob";

const SOURCES: Record<string, string> = { provider: "measured by RunPod", worker: "measured by the worker" };

/** What each attempt took and what was written down for it. */
export function CostTab({ page }: { page: JobPageData }) {
  const { job, attempts, cost_records } = page;
  if (attempts.length === 0) return <p className="py-6">Nothing has been charged: no GPU has worked on it yet.</p>;
  const perSecond = (job.hourly_rate_usd * (job.gpu_config.count ?? 1)) / 3600;
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
            <td>
              <b>{attempt.number}</b>
            </td>
            <td>{clock(attempt.started_at ?? attempt.created_at)}</td>
            <td>{attempt.gpu_name ?? gpus(job.gpu_config)}</td>
            <td>{attempt.end_reason?.replaceAll("_", " ") ?? "goes on"}</td>
            <td className="n" title={SOURCES[attempt.gpu_seconds_source ?? ""]}>
              {attempt.gpu_seconds === null ? <Absent why="Not measured yet" /> : duration(attempt.gpu_seconds)}
            </td>
            <td className="n">{attempt.gpu_seconds === null ? <Absent why="Not charged yet" /> : money(attempt.gpu_seconds * perSecond)}</td>
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
