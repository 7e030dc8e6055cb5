import type { Catalog } from "@/features/catalog/api/getCatalog";
import { count, gpuName, gpus, money, rate } from "@/lib/format";
import type { Job } from "@/features/jobs/api/getJob";
import type { Order } from "@/features/jobs/api/getEstimate";
import { failureOfJob } from "./failures";

/** One way out of a failure: what it does, what it means, and the order that its price is asked for. */
export interface WayOut {
  key: string;
  title: string;
  text: string;
  button: string;
  does: "clone" | "retry" | "configure" | "dataset" | "admin";
  overrides?: Record<string, unknown>;
  maxCost?: number;
  order?: Order;
}

interface Bucket {
  low: number;
  high: number;
  count: number;
}

interface Known {
  catalog: Catalog | undefined;
  histogram: Bucket[];
  rows: number;
}

/** At most three, the best first. */
export function waysOut(job: Job, known: Known): WayOut[] {
  const made = failureOfJob(job).ways.map((way) => MAKERS[way](job, known));
  return made.filter((way) => way !== null).slice(0, 3);
}

type Maker = (job: Job, known: Known) => WayOut | null;

const MAKERS: Record<ReturnType<typeof failureOfJob>["ways"][number], Maker> = {
  "bigger-gpu": (job, known) => onGpu(job, known, (gpu, now) => gpu.memory_gb > now),
  "other-gpu": (job, known) => onGpu(job, known, () => true),
  "shorter-rows": shorterRows,
  "half-rate": halfRate,
  "raise-limit": raiseLimit,
  retry,
  dataset: (job) => ({
    key: "dataset",
    title: "Look at the dataset",
    text: "The row that is named below is shown with what is wrong and what helps.",
    button: "Open the dataset",
    does: "dataset",
    overrides: { line: Number(/(?:row|line) (\d+)/i.exec(job.error_message ?? "")?.[1]) || undefined },
  }),
  configure: () => ({
    key: "configure",
    title: "Change the settings",
    text: "The form opens as this job was, to change what is named below. You see the price before anything starts.",
    button: "Change and run again",
    does: "configure",
  }),
  admin: () => ({
    key: "admin",
    title: "Have it mended",
    text: "Whoever runs this BrightRun has to mend it. The report below tells them everything.",
    button: "Open Admin",
    does: "admin",
  }),
};

function orderOf(job: Job, over: Partial<Order>): Order {
  return {
    dataset_id: job.dataset_id,
    preset_id: job.preset_id,
    gpu_config: job.gpu_config,
    hyperparameters: job.hyperparameters,
    base_model: job.base_model,
    ...over,
  };
}

function onGpu(job: Job, { catalog }: Known, fits: (gpu: Catalog["gpu_types"][number], memory: number) => boolean): WayOut | null {
  const memory = catalog?.gpu_types.find((gpu) => gpu.type === job.gpu_config.type)?.memory_gb ?? 0;
  const offered = catalog?.gpu_types.filter((gpu) => gpu.available && gpu.type !== job.gpu_config.type && fits(gpu, memory)) ?? [];
  const [best] = [...offered].sort((a, b) => a.hourly_rate - b.hourly_rate);
  if (!best) return null;
  const name = gpuName(best.type);
  const gpu_config = { ...job.gpu_config, type: best.type };
  const more = memory > 0 && best.memory_gb > memory ? `${best.memory_gb >= 2 * memory ? "Twice the memory" : "More memory"}, every row as it is. ` : "";
  return {
    key: "gpu",
    title: `Run it on ${name}`,
    text: `${more}Starts from the beginning:`,
    button: `Run on ${name}`,
    does: "clone",
    overrides: { gpu_config },
    order: orderOf(job, { gpu_config }),
  };
}

function shorterRows(job: Job, { histogram, rows }: Known): WayOut | null {
  const now = job.hyperparameters.max_sequence_tokens;
  if (!now || now < 128) return null;
  const half = Math.floor(now / 2);
  const longer = histogram.filter((bucket) => bucket.low >= half).reduce((sum, bucket) => sum + bucket.count, 0);
  const lost = rows > 0 ? `${count(longer)} of ${count(rows)} rows are longer and would not train.` : "Longer rows would not train.";
  const overrides = { hyperparameters: { max_sequence_tokens: half } };
  return {
    key: "rows",
    title: `Accept only rows of up to ${count(half)} tokens`,
    text: `Stays on ${gpus(job.gpu_config)}. ${lost}`,
    button: `Run with ${count(half)} tokens`,
    does: "clone",
    overrides,
    order: orderOf(job, { hyperparameters: { ...job.hyperparameters, max_sequence_tokens: half } }),
  };
}

function halfRate(job: Job): WayOut | null {
  const now = job.hyperparameters.learning_rate;
  if (!now) return null;
  const half = Math.max(now / 2, 0.00001);
  return {
    key: "rate",
    title: `Learn half as fast, ${rate(half)}`,
    text: "Smaller steps do not run away. Starts from the beginning:",
    button: "Run with half the rate",
    does: "clone",
    overrides: { hyperparameters: { learning_rate: half } },
    order: orderOf(job, { hyperparameters: { ...job.hyperparameters, learning_rate: half } }),
  };
}

/** What of the estimate's dear end is still to be spent. */
function costToCome(job: Job): number {
  const done = job.total_steps > 0 ? job.current_step / job.total_steps : 0;
  return job.estimated_cost_high * (1 - done);
}

/** A limit that lets it come to its end: what is spent and what may be to come, rounded up to ten cents. */
export function limitToFinish(job: Job): number {
  return Math.ceil(((job.final_cost ?? job.current_cost) + costToCome(job)) * 10) / 10;
}

function raiseLimit(job: Job): WayOut {
  const limit = limitToFinish(job);
  return {
    key: "limit",
    title: `Go on with a limit of ${money(limit)}`,
    text: `${from(job)} What is left costs at most about ${money(costToCome(job))}.`,
    button: `Go on · at most ${money(limit)}`,
    does: "retry",
    maxCost: limit,
  };
}

function retry(job: Job): WayOut {
  const same = job.error_code === "out_of_memory" ? " The same rows come again, so it will most likely end the same way." : "";
  return {
    key: "retry",
    title: "Retry as it is",
    text: from(job) + same,
    button: job.checkpoint_step === null ? "Retry from the beginning" : `Retry from step ${count(job.checkpoint_step)}`,
    does: "retry",
  };
}

function from(job: Job): string {
  return job.checkpoint_step === null ? "Begins anew: there is no checkpoint." : `Goes on from the checkpoint after step ${count(job.checkpoint_step)}.`;
}
