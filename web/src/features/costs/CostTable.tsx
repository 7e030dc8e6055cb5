import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { Absent } from "@/components/values";
import { day, duration, gpus, money } from "@/lib/format";
import { jobMark } from "@/lib/status";
import type { CostRecord } from "./api/getCosts";

const AN_HOUR = 3600;
export const COST_TYPES: Record<CostRecord["cost_type"], string> = { training_compute: "GPU time", storage: "Storage", evaluation: "Evaluation", transfer: "Transfer" };

/** One row for each time a job was charged. */
export function CostTable({ records, total }: { records: CostRecord[]; total: number }) {
  return (
    <div className="panel overflow-hidden">
      <table className="table num">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Job</th>
            <th scope="col">Ended</th>
            <th scope="col">GPUs</th>
            <th scope="col" className="n">
              GPU time
            </th>
            <th scope="col" className="n">
              Per hour
            </th>
            <th scope="col" className="n">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <CostRow key={record.id} record={record} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td className="max-tablet:!hidden" />
            <td className="max-tablet:flex-1">Together</td>
            <td className="max-tablet:!hidden" colSpan={4} />
            <td className="n">{money(total)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function GpuCells({ record }: { record: CostRecord }) {
  return (
    <>
      <td className="whitespace-nowrap max-tablet:order-3">{gpus({ type: record.gpu_type, count: record.gpu_count })}</td>
      <td className="n max-tablet:order-3">{duration(record.duration_hours * AN_HOUR)}</td>
      <td className="n max-tablet:order-4">
        {money(record.hourly_rate * record.gpu_count)}
        <span className="tablet:hidden"> an hour</span>
      </td>
    </>
  );
}

/** Of what is charged without a GPU: what is stored. */
function NoGpuCells() {
  const why = "No GPU was used for it";
  return (
    <>
      <td className="max-tablet:!hidden">
        <Absent why={why} />
      </td>
      <td className="n max-tablet:!hidden">
        <Absent why={why} />
      </td>
      <td className="n max-tablet:!hidden">
        <Absent why={why} />
      </td>
    </>
  );
}

function CostRow({ record }: { record: CostRecord }) {
  return (
    <tr>
      <td className="whitespace-nowrap max-tablet:order-3" title={record.recorded_at}>
        {day(record.recorded_at)}
      </td>
      <td className="max-tablet:order-1 max-tablet:min-w-0 max-tablet:flex-1 max-tablet:basis-3/5">
        <Link to="/training/jobs/$id" params={{ id: record.job_id }} className="name">
          {record.job_name ?? `Job ${record.job_id.slice(0, 8)}…`}
        </Link>
        {record.cost_type === "training_compute" ? null : <span className="cap block">{COST_TYPES[record.cost_type]}</span>}
      </td>
      <td className="max-tablet:order-2 max-tablet:basis-full max-tablet:-mt-1 max-tablet:has-[[title]]:h-0 max-tablet:has-[[title]]:overflow-hidden">{record.job_status ? <Badge mark={jobMark({ status: record.job_status })} /> : <Absent why="This job is no more" />}</td>
      {record.gpu_count > 0 ? <GpuCells record={record} /> : <NoGpuCells />}
      <td className="n max-tablet:order-1">
        <b>{money(record.amount)}</b>
      </td>
    </tr>
  );
}
