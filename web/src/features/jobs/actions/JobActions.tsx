import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ErrorNote } from "@/components/states/ErrorNote";
import { toast } from "@/lib/toast";
import type { Job } from "@/features/jobs/api/getJob";
import { pauseJob } from "@/features/jobs/api/pauseJob";
import { resumeJob } from "@/features/jobs/api/resumeJob";
import { retryJob } from "@/features/jobs/api/retryJob";
import { CancelDialog } from "./CancelDialog";
import { LimitDialog, restsOnItsLimit } from "./LimitDialog";
import { useJobAction } from "./use-job-action";

const ACTIVE = ["queued", "initializing", "running"];

/** What can be done with a job in its state; money is never spent before the server has said so. */
export function JobActions({ job }: { job: Job }) {
  const [cancelling, setCancelling] = useState(false);
  const active = ACTIVE.includes(job.status);
  const isOpen = active || job.status === "paused";
  return (
    <>
      {job.status === "completed" && job.artifact_id ? (
        <Link to="/models/$id" params={{ id: job.artifact_id }} className="btn btn-primary">
          Open the model
        </Link>
      ) : null}
      {active && !job.stop_requested ? <Pause job={job} /> : null}
      {job.status === "paused" ? restsOnItsLimit(job) ? <Raise job={job} /> : <Resume job={job} /> : null}
      {isOpen && job.stop_requested !== "cancelled_by_user" ? (
        <button type="button" className="btn btn-danger" onClick={() => setCancelling(true)}>
          Cancel job
        </button>
      ) : null}
      {job.status === "cancelled" ? <Retry job={job} /> : null}
      <CancelDialog job={job} open={cancelling} onClose={() => setCancelling(false)} />
    </>
  );
}

function Pause({ job }: { job: Job }) {
  const pause = useJobAction(
    () => pauseJob(job.id),
    () => toast("The job is pausing.", () => void resumeJob(job.id)),
  );
  return (
    <>
      <button type="button" className="btn" disabled={pause.isPending} onClick={() => pause.mutate()}>
        {pause.isPending ? "Pausing …" : "Pause"}
      </button>
      <ErrorNote error={pause.error} />
    </>
  );
}

function Raise({ job }: { job: Job }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-primary" onClick={() => setOpen(true)}>
        Resume with a higher limit
      </button>
      <LimitDialog job={job} open={open} onClose={() => setOpen(false)} />
    </>
  );
}

function Resume({ job }: { job: Job }) {
  const resume = useJobAction(() => resumeJob(job.id));
  return (
    <>
      <button type="button" className="btn btn-primary" disabled={resume.isPending} onClick={() => resume.mutate()}>
        {resume.isPending ? "Resuming …" : "Resume"}
      </button>
      <ErrorNote error={resume.error} />
    </>
  );
}

function Retry({ job }: { job: Job }) {
  const navigate = useNavigate();
  const [key] = useState(() => crypto.randomUUID());
  const retry = useJobAction(
    () => retryJob(job.id, {}, key),
    (next) => void navigate({ to: "/training/jobs/$id", params: { id: next.id } }),
  );
  const from = job.checkpoint_step === null ? "Begins anew: there is no checkpoint." : `Goes on from the checkpoint after step ${job.checkpoint_step.toLocaleString("en-US")}.`;
  return (
    <>
      <button type="button" className="btn" title={from} disabled={retry.isPending} onClick={() => retry.mutate()}>
        {retry.isPending ? "Starting …" : "Retry"}
      </button>
      <ErrorNote error={retry.error} />
    </>
  );
}
