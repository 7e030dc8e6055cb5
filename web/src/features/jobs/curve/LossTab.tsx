import { count } from "@/lib/format";
import type { Job, Point } from "@/features/jobs/api/getJob";
import { LossChart } from "./LossChart";
import type { LossData } from "./loss-data";

interface Props {
  job: Job;
  points: Point[];
  data: LossData;
  failure?: string | undefined;
}

export function LossTab({ job, points, data, failure }: Props) {
  if (points.length === 0) return <p className="py-10">The curve begins with the first step.</p>;
  return (
    <>
      <Legend data={data} />
      <div className="mt-3">
        <LossChart data={data} points={points} failure={failure} />
      </div>
      <p className="cap mt-3 why">{definition(job, data)}</p>
      <p className="cap mt-1">{delivered(job)}</p>
    </>
  );
}

function Legend({ data }: { data: LossData }) {
  return (
    <div className="legend">
      <span>
        <svg width="22" height="8" aria-hidden="true">
          <path d="M0 4h22" stroke="var(--ch-train)" strokeWidth="2" />
        </svg>
        Training loss
      </span>
      {data.held.length > 0 ? (
        <span>
          <svg width="22" height="10" aria-hidden="true">
            <path d="M0 5h22" stroke="var(--ch-held)" strokeWidth="2" />
            <circle cx="11" cy="5" r="3.5" fill="var(--surface)" stroke="var(--ch-held)" strokeWidth="2" />
          </svg>
          Held-out loss, at each epoch’s end
        </span>
      ) : null}
      {data.base === null ? null : (
        <span>
          <svg width="22" height="8" aria-hidden="true">
            <path d="M0 4h22" stroke="var(--ch-base)" strokeWidth="2" strokeDasharray="5 4" />
          </svg>
          Base model, same held-out rows
        </span>
      )}
      {data.kept.length > 0 ? (
        <span>
          <svg width="8" height="10" aria-hidden="true">
            <path d="M4 10V2" stroke="var(--ink-3)" strokeWidth="2" />
          </svg>
          Checkpoint kept
        </span>
      ) : null}
    </div>
  );
}

function definition(job: Job, data: LossData): string {
  const what = "Loss is the mean negative log-likelihood per trained token, in nats: lower is better. Training loss is of the rows just learned";
  const fraction = job.hyperparameters.validation_fraction ?? 0;
  if (data.held.length === 0 && fraction === 0) return `${what}. No rows were held out, so nothing can be said about new text.`;
  const rows = Math.round(job.dataset.total_training_pairs * fraction);
  return `${what}; held-out loss is of about ${count(rows)} rows the model never trains on. Only the second says whether it will work on new text.`;
}

function delivered(job: Job): string {
  const early = (job.hyperparameters.early_stopping_patience ?? 0) > 0;
  if (job.status === "failed" || job.status === "cancelled") return "";
  if (job.status === "completed" && job.delivered_step != null) {
    const which = job.delivered_step === job.current_step ? "the last step" : `step ${count(job.delivered_step)}, the best checkpoint`;
    return `Delivered are the weights of ${which}.`;
  }
  const verb = job.status === "completed" ? "Delivered are" : "Delivered will be";
  return early ? `${verb} the weights of the best checkpoint.` : `${verb} the weights of the last step.`;
}
