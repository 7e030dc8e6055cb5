import { Link } from "@tanstack/react-router";
import { Section } from "@/components/Section";
import { gpus, money } from "@/lib/format";
import type { Job, JobEvent } from "./api/getJob";
import { LogLines } from "./log/LogLines";
import { PhaseList } from "./PhaseList";
import type { JobStory } from "./use-job-story";

/** Absent where its phases do not add up to what was charged. */
export function WhereItWent({ job, story }: { job: Job; story: JobStory }) {
  if (!story.phases) return null;
  const price = `${gpus(job.gpu_config)}, ${money(job.hourly_rate_usd * (job.gpu_config.count ?? 1))} an hour`;
  return (
    <Section title="Where time and money went" aside={job.attempt > 1 ? "all attempts together" : price} flush>
      <PhaseList job={job} found={story.phases} modelName={story.modelName} />
    </Section>
  );
}

const NEWEST = 4;

export function LastEvents({ events }: { events: JobEvent[] }) {
  const newest = [...events].sort((a, b) => b.time.localeCompare(a.time)).slice(0, NEWEST);
  return (
    <Section
      title="What happened last"
      aside={
        <Link to="." search={{ tab: "log" }}>
          Whole log
        </Link>
      }
      flush
    >
      <div className="panel pad">{newest.length > 0 ? <LogLines events={newest} /> : "Nothing has happened yet."}</div>
    </Section>
  );
}
