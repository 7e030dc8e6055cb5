import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { KeyValues } from "@/components/KeyValues";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { StateSentence } from "@/components/states/StateSentence";
import { Absent } from "@/components/values";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { datasetQuery } from "@/features/datasets/api/getDataset";
import { clock } from "@/lib/format";
import type { JobPageData } from "@/features/jobs/api/getJob";
import { CopyReport } from "./CopyReport";
import { whyNotAgain } from "./failures";
import { WhereItWent } from "@/features/jobs/JobStory";
import { JobTabs } from "@/features/jobs/JobTabs";
import { jobSentence } from "@/features/jobs/sentence";
import type { JobStory } from "@/features/jobs/use-job-story";
import { WayCard } from "./WayCard";
import { waysOut } from "./ways-out";

const WORDS: Record<string, string> = { out_of_memory: "Memory ran out", non_finite_loss: "The loss became infinite", budget_exceeded: "The limit was reached" };

/** Why it failed, what can be done, where the money went, and the exact words. */
export function FailedJob({ page, story, head }: { page: JobPageData; story: JobStory; head: ComponentProps<typeof PageHead> }) {
  const { job } = page;
  const catalog = useCatalog();
  const dataset = useQuery({ ...datasetQuery(job.dataset_id), retry: false });
  const ways = waysOut(job, { catalog: catalog.data, histogram: dataset.data?.token_histogram ?? [], rows: dataset.data?.rows ?? 0 });
  return (
    <>
      <PageHead {...head}>
        <Others page={page} />
      </PageHead>
      <StateSentence text={jobSentence(job, page.events, new Date(job.updated_at))} />
      <p className="why">{whyNotAgain(job)}</p>
      <PhoneActions>
        <Others page={page} />
      </PhoneActions>
      <Section title="What you can do">
        <ul className="grid3">
          {ways.map((way, at) => (
            <WayCard key={way.key} job={job} way={way} best={at === 0} />
          ))}
        </ul>
        {job.error_remedy ? <p className="mt-3">{job.error_remedy.replace(/\.$/, "")}.</p> : null}
      </Section>
      <div className="two section">
        {story.phases ? <WhereItWent job={job} story={story} /> : null}
        <ExactWords page={page} />
      </div>
      <JobTabs page={page} data={story.data} failure={WORDS[job.error_code ?? ""]} />
    </>
  );
}

/** Beside the ways out: what helps whoever helps, and the form as this job was. */
function Others({ page }: { page: JobPageData }) {
  return (
    <>
      <CopyReport page={page} />
      <Link to="/training/configure" search={{ from: page.job.id }} className="btn">
        Run again with changes
      </Link>
    </>
  );
}

function ExactWords({ page: { job, attempts } }: { page: JobPageData }) {
  const last = attempts.find((attempt) => attempt.number === job.attempt);
  return (
    <Section title="The exact words" flush>
      <div className="panel pad">
        <KeyValues
          items={[
            ["Code", <code key="c">{job.error_code ?? "–"}</code>],
            ["Attempt", `${job.attempt} of ${Math.max(job.attempt, attempts.length)}`],
            ["Worker", last?.worker_id ? <code key="w">{last.worker_id}</code> : <Absent key="w" why="No worker took it" />],
            ["At", clock(job.completed_at)],
          ]}
        />
        <hr className="rule" />
        <p className="font-code text-12 leading-5 text-ink">{job.error_message ?? "It says no reason."}</p>
      </div>
    </Section>
  );
}
