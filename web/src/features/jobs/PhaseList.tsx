import { duration, money } from "@/lib/format";
import type { Job } from "./api/getJob";
import type { Phase, Phases } from "./phases";

const TIMES = ["", "", "twice"];
const NEVER: Partial<Record<Phase["name"], string>> = {
  downloading_dataset: "fetching",
  loading_model: "loading",
  training: "training",
  evaluating: "comparing",
  saving: "saving",
  uploading: "uploading",
};
const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** Where time and money went, stage by stage; waiting is free. */
export function PhaseList({ job, found, modelName }: { job: Job; found: Phases; modelName: string }) {
  const names: Record<Phase["name"], string> = {
    waiting: "Waiting for a GPU",
    downloading_dataset: "Fetching the dataset",
    loading_model: `Loading ${modelName}`,
    training: "Training",
    evaluating: "Comparing with the base model",
    saving: "Saving and checking",
    uploading: "Uploading",
  };
  const shown = found.phases.filter((phase) => phase.state !== "never");
  const never = found.phases.filter((phase) => phase.state === "never").map((phase) => NEVER[phase.name] ?? names[phase.name]);
  const isOver = job.completed_at !== null;
  return (
    <ul className="panel rows px-6 py-2 max-tablet:px-4">
      {shown.map((phase) => (
        <li className="phase" key={phase.name}>
          <span className="dot" data-state={phase.state} />
          <span className={phase.seconds > 0 ? undefined : "text-ink-3"}>
            {phase.state === "now" || phase.state === "stopped" ? <b>{names[phase.name]}</b> : names[phase.name]}{" "}
            <span className="text-ink-3">{remark(phase, job)}</span>
          </span>
          <span className="n">{phase.seconds > 0 ? duration(phase.seconds) : null}</span>
          <span className="n">{phase.seconds > 0 ? (phase.name === "waiting" ? "free" : money(phase.cost)) : null}</span>
        </li>
      ))}
      {never.length > 0 ? (
        <li className="phase text-ink-3">
          <span className="dot" data-state="never" />
          <span>{sentence(never.join(", "))}</span>
          <span className="text-right">never begun</span>
          <span />
        </li>
      ) : null}
      <li className="phase phase-total">
        <span />
        <span>{isOver ? "GPU time" : "GPU time so far"}</span>
        <span className="n">{duration(found.gpuSeconds)}</span>
        <span className="n">{money(found.cost)}</span>
      </li>
      {found.stored > 0 ? (
        <li className="phase text-ink-3">
          <span />
          <span>Storage of the model</span>
          <span />
          <span className="n">{money(found.stored)}</span>
        </li>
      ) : null}
    </ul>
  );
}

function remark(phase: Phase, job: Job): string {
  if (phase.state === "now") return "now";
  if (phase.state === "stopped" && phase.name === "training") {
    return `stopped at step ${job.current_step.toLocaleString("en-US")} of ${job.total_steps.toLocaleString("en-US")}`;
  }
  if (phase.state === "stopped") return "stopped here";
  if (phase.times < 2) return "";
  return phase.name === "waiting" ? `${phase.times} waits` : (TIMES[phase.times] ?? `${phase.times} times`);
}
