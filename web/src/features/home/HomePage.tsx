import { Link } from "@tanstack/react-router";
import { ErrorState } from "@/components/states/ErrorState";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { CardsSkeleton, Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { useLimits } from "@/features/account/api/getLimits";
import { AtWork } from "./AtWork";
import { FirstVisit } from "./FirstVisit";
import { NewestModels } from "./NewestModels";
import { NextSteps } from "./NextSteps";
import { ThisMonth } from "./ThisMonth";
import { useHome } from "./use-home";

export function HomePage() {
  const now = useNow(60_000);
  const home = useHome(now);
  const { sentence, isFirstVisit, isPending } = home;
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
      {isPending || limits.isPending ? <HomeSkeleton /> : <Standing home={home} limits={limits} />}
    </>
  );
}

/** Where nothing at all can be had, that is said once. */
function Standing({ home, limits }: { home: ReturnType<typeof useHome>; limits: ReturnType<typeof useLimits> }) {
  const parts = [home.atWork, limits, home.models];
  if (parts.some((part) => part.data !== undefined)) return <Parts home={home} limits={limits} />;
  return <ErrorState what="This page" error={home.atWork.error ?? limits.error} retry={() => void Promise.all([home.again(), limits.refetch()])} />;
}

/** Each part fails on its own; they come together, so that none pushes another down. */
function Parts({ home: { atWork, steps, models }, limits }: { home: ReturnType<typeof useHome>; limits: ReturnType<typeof useLimits> }) {
  return (
    <>
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

function HomeSkeleton() {
  return (
    <>
      <div className="section">
        <Skeleton rows={2} height={70} />
      </div>
      <div className="two section">
        <Skeleton rows={3} height={80} />
        <Skeleton rows={1} height={212} />
      </div>
      <div className="section">
        <CardsSkeleton />
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
