import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { useMe } from "@/features/account/api/getMe";
import { durationAhead, money } from "@/lib/format";
import { cloneJob } from "@/features/jobs/api/cloneJob";
import { estimateQuery, type Estimate, type Order } from "@/features/jobs/api/getEstimate";
import type { Job } from "@/features/jobs/api/getJob";
import { retryJob } from "@/features/jobs/api/retryJob";
import { useJobAction } from "@/features/jobs/actions/use-job-action";
import type { WayOut } from "./ways-out";

/** One way out with its price; the first has the page's one filled button. */
export function WayCard({ job, way, best }: { job: Job; way: WayOut; best: boolean }) {
  const price = useQuery({ ...estimateQuery(way.order ?? ({} as Order)), enabled: way.order !== undefined });
  return (
    <li className={`choice ${best ? "choice-on" : "choice-plain"} flex flex-col hover:!bg-surface`}>
      <h3>{way.title}</h3>
      <p className="mt-1.5 mb-4">
        {way.text} {price.data ? <Price estimate={price.data} begins={way.text.endsWith(".")} /> : null}
      </p>
      <div className="mt-auto">
        <Act job={job} way={way} best={best} price={price.data} />
      </div>
    </li>
  );
}

function Price({ estimate, begins }: { estimate: Estimate; begins: boolean }) {
  return (
    <>
      {begins ? "About" : "about"} {durationAhead(estimate.estimated_duration_hours * 3600)}, <b className="num">about {money(estimate.estimated_cost)}</b>.
    </>
  );
}

function Act({ job, way, best, price }: { job: Job; way: WayOut; best: boolean; price: Estimate | undefined }) {
  const style = `btn btn-wide ${best ? "btn-primary" : ""}`;
  if (way.does === "configure") {
    return (
      <Link to="/training/configure" search={{ from: job.id }} className={style}>
        {way.button}
      </Link>
    );
  }
  if (way.does === "dataset") {
    return (
      <Link to="/datasets/$id" params={{ id: job.dataset_id }} search={way.overrides ?? {}} className={style}>
        {way.button}
      </Link>
    );
  }
  if (way.does === "admin") return <AdminLink style={style} label={way.button} />;
  return <Start job={job} way={way} style={style} price={price} />;
}

function AdminLink({ style, label }: { style: string; label: string }) {
  if (!useMe().data?.admin) return null;
  return (
    <Link to="/admin" className={style}>
      {label}
    </Link>
  );
}

function Start({ job, way, style, price }: { job: Job; way: WayOut; style: string; price: Estimate | undefined }) {
  const navigate = useNavigate();
  const [key] = useState(() => crypto.randomUUID());
  const start = useJobAction(
    () => (way.does === "clone" ? cloneJob(job.id, way.overrides ?? {}, key) : retryJob(job.id, way.maxCost === undefined ? {} : { max_cost: way.maxCost }, key)),
    (next) => void navigate({ to: "/training/jobs/$id", params: { id: next.id } }),
  );
  const isPriced = way.order === undefined || price !== undefined;
  return (
    <>
      <button type="button" className={style} disabled={start.isPending || !isPriced} onClick={() => start.mutate()}>
        {start.isPending ? "Starting …" : price ? `${way.button} · about ${money(price.estimated_cost)}` : way.button}
      </button>
      <ErrorNote error={start.error} />
    </>
  );
}
