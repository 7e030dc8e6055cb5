import { Link } from "@tanstack/react-router";
import { Loaded } from "@/components/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { CardsSkeleton, Skeleton } from "@/components/Skeleton";
import { StateSentence } from "@/components/StateSentence";
import { useNow } from "@/components/use-now";
import { useLimits } from "@/features/account/api/getLimits";
import { AtWork } from "./AtWork";
import { FirstVisit } from "./FirstVisit";
import { NewestModels } from "./NewestModels";
import { NextSteps } from "./NextSteps";
import { ThisMonth } from "./ThisMonth";
import { useHome } from "./use-home";

export function HomePage() {
  const now = useNow(60_000);
  const { atWork, models, sentence, steps, isFirstVisit, isPending } = useHome(now);
  const limits = useLimits();
  if (isFirstVisit) return <FirstVisit />;
  return (
    <>
      <PageHead title="Home">
        <Actions />
      </PageHead>
      <StateSentence text={sentence} pending={isPending} />
      <PhoneActions>
        <Actions />
      </PhoneActions>
      <Section title="At work now" aside={<Link to="/training/jobs">All jobs</Link>}>
        <Loaded query={atWork} what="What is at work" skeleton={<Skeleton rows={2} height={70} />}>
          {(data) => <AtWork jobs={data} />}
        </Loaded>
      </Section>
      <div className={steps.length > 0 ? "two section" : "section"}>
        {steps.length > 0 ? <NextSteps steps={steps} /> : null}
        <Loaded query={limits} what="This month" skeleton={<Skeleton rows={1} height={212} />}>
          {(data) => <ThisMonth budget={data} />}
        </Loaded>
      </div>
      <div className={models.data ? undefined : "section"}>
        <Loaded query={models} what="The models" skeleton={<CardsSkeleton />}>
          {(data) => <NewestModels models={data.models} total={data.pagination.total} />}
        </Loaded>
      </div>
    </>
  );
}

function Actions() {
  return (
    <>
      <Link to="/datasets/new" className="btn">
        New dataset
      </Link>
      <Link to="/training/configure" className="btn btn-primary">
        Train a model
      </Link>
    </>
  );
}
