import { moment } from "@/lib/format";
import type { JobRow } from "@/features/jobs/api/listJobs";

const QUIET = "Nothing is running. Everything you have is ready.";

interface Facts {
  failed: number;
  atWork: Pick<JobRow, "status" | "estimated_completion_at">[];
  datasetsWithErrors: number;
}

/** How things stand, in at most two sentences, the most urgent first. */
export function homeSentence(facts: Facts, now: Date): string {
  const said = [failures(facts.failed), work(facts.atWork, now), errors(facts.datasetsWithErrors)];
  return said.filter(Boolean).slice(0, 2).join(" ") || QUIET;
}

function failures(failed: number): string {
  if (failed === 0) return "";
  return failed === 1 ? "One job failed." : `${failed} jobs failed.`;
}

function work(jobs: Facts["atWork"], now: Date): string {
  const active = jobs.filter((job) => job.status !== "paused");
  const running = active.filter((job) => job.status === "running");
  const [only] = running;
  if (running.length === 1 && only?.estimated_completion_at) {
    return `One job is training and will be done at about ${moment(only.estimated_completion_at, now)}.`;
  }
  if (active.length === 0) return "";
  return active.length === 1 ? "One job is at work." : `${active.length} jobs are at work.`;
}

function errors(datasets: number): string {
  if (datasets === 0) return "";
  return datasets === 1 ? "One dataset has errors that you can mend." : `${datasets} datasets have errors that you can mend.`;
}
