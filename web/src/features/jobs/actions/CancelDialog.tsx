import { ConfirmDialog } from "@/components/ConfirmDialog";
import { count, money } from "@/lib/format";
import { cancelJob } from "@/features/jobs/api/cancelJob";
import type { Job } from "@/features/jobs/api/getJob";
import { pauseJob } from "@/features/jobs/api/pauseJob";
import { useJobAction } from "./use-job-action";

export function CancelDialog({ job, open, onClose }: { job: Job; open: boolean; onClose: () => void }) {
  const cancel = useJobAction(() => cancelJob(job.id), onClose);
  const pause = useJobAction(() => pauseJob(job.id), onClose);
  const isRunning = job.status === "running" || job.status === "initializing";
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title="Cancel this job?"
      keep={isRunning ? "Keep training" : "Keep it"}
      act="Cancel job"
      busy={cancel.isPending || pause.isPending}
      busyWord="Cancelling …"
      onAct={() => cancel.mutate()}
      error={cancel.error ?? pause.error}
      instead={
        isRunning ? (
          <button type="button" className="btn" disabled={pause.isPending} onClick={() => pause.mutate()}>
            Pause instead
          </button>
        ) : null
      }
    >
      {isRunning ? <Consequence job={job} /> : <p>{resting(job)}</p>}
    </ConfirmDialog>
  );
}

function Consequence({ job }: { job: Job }) {
  const kept =
    job.checkpoint_step === null
      ? "There is no checkpoint yet, so a retry begins anew."
      : `The checkpoint after step ${count(job.checkpoint_step)} is kept for a week; a retry can go on from it.`;
  return (
    <>
      <p>
        The GPUs are stopped and no model comes of it. You pay for the GPU time so far, <b>{money(job.current_cost)}</b>, and the seconds until they
        stop. {kept}
      </p>
      <p>If you want it later, pause it: nothing is charged while it rests.</p>
    </>
  );
}

function resting(job: Job): string {
  return job.status === "queued" && job.current_cost === 0 ? "It has not started and costs nothing." : `No model comes of it. It has cost ${money(job.current_cost)}, and nothing more is charged.`;
}
