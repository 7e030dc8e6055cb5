import { ErrorNote } from "@/components/states/ErrorNote";
import { Progress } from "@/components/states/Progress";
import { bytes, durationAhead, percent } from "@/lib/format";
import type { Step } from "./use-upload";

type Going = Extract<Step, { name: "sending" | "stopped" | "confirming" }>;

interface Props {
  step: Going;
  size: number;
  now: number;
  onResume: () => void;
  onCancel: () => void;
}

export function UploadProgress({ step, size, now, onResume, onCancel }: Props) {
  const sent = step.name === "confirming" ? size : step.progress.sent;
  const share = (sent / size) * 100;
  return (
    <div className="panel pad section">
      <p className="strong">{headOf(step, share)}</p>
      <div className="mt-3">
        <Progress percent={share} label="Sent" />
      </div>
      <p className="cap num mt-2 flex flex-wrap justify-between gap-x-4">
        <span>
          {bytes(sent)} of {bytes(size)}
        </span>
        {step.name === "sending" ? <span>{paceOf(step, size, now)}</span> : null}
      </p>
      {step.name === "sending" ? (
        <p className="mt-3 text-13">Keep this page open. If the connection breaks, come back: what has arrived is not sent again.</p>
      ) : null}
      {step.name === "stopped" ? <ErrorNote error={step.error} /> : null}
      {step.name === "confirming" ? null : (
        <div className="mt-4 flex gap-2">
          {step.name === "stopped" ? (
            <button type="button" className="btn btn-primary" onClick={onResume}>
              Go on
            </button>
          ) : null}
          <button type="button" className="btn btn-danger" onClick={onCancel}>
            Cancel the upload
          </button>
        </div>
      )}
    </div>
  );
}

function headOf(step: Going, share: number): string {
  if (step.name === "confirming") return "All of it has arrived; its size is checked.";
  if (step.name === "stopped") return `Stopped at ${percent(Math.floor(share))}. Nothing is lost.`;
  const { part, parts } = step.progress;
  return parts > 1 ? `Sending, part ${Math.max(1, part)} of ${parts}` : "Sending";
}

/** Speed and time left, once there is something to reckon with. */
function paceOf(step: Extract<Going, { name: "sending" }>, size: number, now: number): string {
  const seconds = (now - step.began) / 1000;
  if (seconds < 2 || step.progress.sent === 0) return "";
  const speed = step.progress.sent / seconds;
  return `${bytes(speed)}/s, ${durationAhead((size - step.progress.sent) / speed)} left`;
}
