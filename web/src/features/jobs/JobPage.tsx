import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { Badge } from "@/components/Badge";
import { Figures } from "@/components/Figures";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Progress } from "@/components/states/Progress";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { count, percent } from "@/lib/format";
import { isActiveJob } from "@/lib/polling";
import { jobMark } from "@/lib/status";
import { useJob, type JobPageData } from "./api/getJob";
import { FailedJob } from "./failure/FailedJob";
import { JobActions } from "./actions/JobActions";
import { JobFacts } from "./JobFacts";
import { jobFigures } from "./job-figures";
import { JobTabs } from "./JobTabs";
import { LastEvents, WhereItWent } from "./JobStory";
import { RestartNotes } from "./failure/RestartNotes";
import { jobSentence } from "./sentence";
import { useAnnouncedEnd } from "./use-announced-end";
import { useJobStory } from "./use-job-story";

const route = getRouteApi("/inside/training/jobs/$id");

export function JobPage() {
  const { id } = route.useParams();
  const query = useJob(id);
  return (
    <Loaded query={query} what="The job" skeleton={<PageSkeleton />} missing={{ thing: "job", to: "/training/jobs", list: "Training" }}>
      {(page) => <Shown key={page.job.id} page={page} />}
    </Loaded>
  );
}

function Shown({ page }: { page: JobPageData }) {
  const { job } = page;
  const now = useNow(15_000);
  const story = useJobStory(page, now);
  const figures = useMemo(() => jobFigures(job, page.metrics, story.data), [job, page.metrics, story.data]);
  useAnnouncedEnd(job);
  const head = {
    title: job.name,
    crumb: { to: "/training/jobs", label: "Training", here: "Job" } as const,
    badge: <Badge mark={jobMark(job)} />,
    tab: isActiveJob(job) && job.progress > 0 ? `${percent(job.progress)} · ${job.name}` : job.name,
  };
  if (job.status === "failed") return <FailedJob page={page} story={story} head={head} />;
  return (
    <>
      <PageHead {...head}>
        <JobActions job={job} />
      </PageHead>
      <StateSentence text={jobSentence(job, page.events, now)} kind={`${job.status} ${job.current_stage} ${job.stop_requested ?? ""}`} />
      {job.current_step > 0 ? <StepProgress page={page} /> : null}
      <RestartNotes words={story.restarts} awaited={story.awaited} />
      <PhoneActions>
        <JobActions job={job} />
      </PhoneActions>
      <section className="section" aria-label="Figures">
        <Figures items={figures} />
      </section>
      <JobTabs page={page} data={story.data} />
      <div className="two section">
        <div className="flex min-w-0 flex-col gap-8">
          <WhereItWent job={job} story={story} />
          <LastEvents events={page.events} />
        </div>
        <JobFacts job={job} modelName={story.modelName} />
      </div>
    </>
  );
}

function StepProgress({ page: { job } }: { page: JobPageData }) {
  return (
    <div className="mt-5">
      <Progress percent={job.progress} label="Progress" />
      <div className="cap num mt-2 flex justify-between">
        <span>
          {percent(Math.floor(job.progress))} · epoch {job.current_epoch.toFixed(2).replace(/\.00$/, "")} of {job.total_epochs}
        </span>
        <span>
          step {count(job.current_step)} of {count(job.total_steps)}
        </span>
      </div>
    </div>
  );
}
