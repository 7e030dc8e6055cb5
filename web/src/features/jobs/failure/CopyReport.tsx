import { useMutation } from "@tanstack/react-query";
import { ErrorNote } from "@/components/states/ErrorNote";
import { announce } from "@/lib/announce";
import type { JobPageData } from "@/features/jobs/api/getJob";
import { lastLines } from "@/features/jobs/api/listLogs";

/** What a worker says must not look like a line of ours. */
const onOneLine = (message: string) => message.replaceAll("\n", "\\n");

/** Everything somebody who helps will ask for, in the clipboard. */
export function CopyReport({ page: { job, attempts } }: { page: JobPageData }) {
  const copy = useMutation({
    mutationFn: async () => {
      const lines = await lastLines(job.id);
      const worker = attempts.at(-1)?.worker_id ?? "none";
      const report = [
        `Job ${job.id}, attempt ${job.attempt}, worker ${worker}`,
        `${job.error_code ?? "no code"}: ${onOneLine(job.error_message ?? "no message")}`,
        `${job.base_model}@${job.base_model_revision} on ${job.gpu_config.count ?? 1}x ${job.gpu_config.type}, dataset ${job.dataset_id}`,
        `Step ${job.current_step} of ${job.total_steps}, failed at ${job.completed_at ?? job.updated_at}`,
        "",
        ...lines.map((line) => `${line.time} ${line.type} ${onOneLine(line.message)}`),
      ];
      await navigator.clipboard.writeText(report.join("\n"));
      announce("The report is copied");
    },
  });
  return (
    <>
      <button type="button" className="btn" disabled={copy.isPending} onClick={() => copy.mutate()}>
        {copy.isSuccess ? "Copied" : "Copy report"}
      </button>
      <ErrorNote error={copy.error} />
    </>
  );
}
