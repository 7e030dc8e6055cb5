import { Badge } from "@/components/Badge";
import { Loaded } from "@/components/states/Loaded";
import { Section } from "@/components/Section";
import { PageSkeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { count, duration } from "@/lib/format";
import { useWatchdog, type Watchdog } from "./api/getWatchdog";
import { ageOf, isOld, watchSentence } from "./words";

const A_SECOND = 1000;

/** What runs at the GPU provider beside the jobs, and what costs money when nothing runs. */
export function Gpus() {
  const query = useWatchdog();
  return (
    <Loaded query={query} what="The watchdog’s report" skeleton={<PageSkeleton />}>
      {(watch) => (
        <>
          <div className={watch.orphans > 0 ? "*:!text-bad" : undefined}>
            <StateSentence text={watchSentence(watch)} />
          </div>
          {watch.at ? <Age at={watch.at} /> : null}
          <IdleCosts costs={watch.idle_costs} />
          <Endpoints reports={watch.endpoints} />
        </>
      )}
    </Loaded>
  );
}

function Age({ at }: { at: string }) {
  const now = useNow(A_SECOND);
  return (
    <p className={isOld(at, now) ? "mt-2 text-prep" : "mt-2 text-ink-3"} title={at}>
      Looked {duration(ageOf(at, now))} ago{isOld(at, now) ? "; it should look every few minutes." : "."}
    </p>
  );
}

function IdleCosts({ costs }: { costs: string[] }) {
  return (
    <Section title="What costs money when nothing runs">
      {costs.length === 0 ? (
        <div className="panel pad">Nothing.</div>
      ) : (
        <ul className="note" data-tone="prep">
          {costs.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Endpoints({ reports }: { reports: Watchdog["endpoints"] }) {
  if (reports.length === 0) return null;
  return (
    <Section title="Endpoints">
      <div className="panel overflow-hidden">
        <table className="table num">
          <thead>
            <tr>
              <th scope="col">Endpoint</th>
              <th scope="col" className="n">
                Queued
              </th>
              <th scope="col" className="n">
                At work
              </th>
              <th scope="col" className="n">
                Ours
              </th>
              <th scope="col">Workers</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {reports.map((report) => (
              <EndpointRow key={report.endpoint.id} report={report} />
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function EndpointRow({ report: { endpoint, ours, orphans } }: { report: Watchdog["endpoints"][number] }) {
  const tone = orphans > 0 || endpoint.refused ? "bad" : endpoint.problem ? "prep" : "good";
  const word = orphans > 0 ? `${orphans} of nobody` : endpoint.refused ? "Refused" : endpoint.problem ? "Problem" : "Well";
  return (
    <tr>
      <td className="wide">
        <code className="text-ink">{endpoint.id}</code>
      </td>
      <td className="n" data-label="queued">
        {count(endpoint.queued)}
      </td>
      <td className="n" data-label="at work">
        {count(endpoint.in_progress)}
      </td>
      <td className="n" data-label="ours">
        {count(ours)}
      </td>
      <td className="wide">{workersInWords(endpoint)}</td>
      <td className="wide">
        <Badge mark={{ word, tone }} />
        {endpoint.problem ? <p className="mt-1 text-12 text-prep">{endpoint.problem}</p> : null}
      </td>
    </tr>
  );
}

function workersInWords({ workers, configured }: Watchdog["endpoints"][number]["endpoint"]): string {
  const kinds = Object.entries(workers ?? {}).filter(([, n]) => n > 0);
  const now = kinds.length === 0 ? (workers ? "none" : "not known") : kinds.map(([kind, n]) => `${n} ${kind}`).join(", ");
  return configured ? `${now}; at most ${count(configured.max_workers)}` : now;
}
