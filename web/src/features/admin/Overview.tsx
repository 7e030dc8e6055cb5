import { Figures } from "@/components/Figures";
import { KeyValues } from "@/components/KeyValues";
import { Loaded } from "@/components/states/Loaded";
import { Section } from "@/components/Section";
import { PageSkeleton } from "@/components/states/Skeleton";
import { Stars } from "@/components/Stars";
import { StateSentence } from "@/components/states/StateSentence";
import { bytes, count, counted, money } from "@/lib/format";
import { jobStatusWord } from "@/lib/status";
import { useOverview, type AdminOverview } from "./api/getOverview";
import { Calibration } from "./Calibration";
import { failureInWords, overviewSentence } from "./words";

const STATUSES = ["queued", "initializing", "running", "paused", "completed", "failed", "cancelled"];
const STARS = [5, 4, 3, 2, 1];

export function Overview() {
  const query = useOverview();
  return (
    <Loaded query={query} what="The overview" skeleton={<PageSkeleton />}>
      {(overview) => (
        <>
          <StateSentence text={overviewSentence(overview)} kind="overview" />
          <div className="section">
            <Figures items={figures(overview)} />
          </div>
          <div className="grid3 section items-start !gap-6 max-desk:!grid-cols-1">
            <Section title="Jobs" flush>
              <div className="panel pad">
                <KeyValues items={STATUSES.map((status) => [jobStatusWord(status), count(overview.jobs[status] ?? 0)] as const)} />
              </div>
            </Section>
            <Section title="Why jobs failed" flush>
              <Failures failures={overview.failures} />
            </Section>
            <Section title="Stars of the models" flush>
              <div className="panel pad">
                <dl className="kv">
                  {STARS.map((stars) => (
                    <StarRow key={stars} stars={stars} models={overview.quality[stars] ?? 0} />
                  ))}
                </dl>
              </div>
            </Section>
          </div>
          <Calibration rows={overview.calibration} />
        </>
      )}
    </Loaded>
  );
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, one) => total + one, 0);

function figures(overview: AdminOverview) {
  const kinds = Object.entries(overview.storage_bytes);
  return [
    { label: "Users", value: count(overview.users) },
    { label: "Spent this month", value: money(overview.spent_this_month) },
    { label: "Datasets", value: count(sum(overview.datasets)), note: `${count(overview.datasets.ready ?? 0)} ready` },
    { label: "Models", value: count(sum(overview.models)), note: `${count(overview.models.production ?? 0)} in production` },
    { label: "Stored", value: bytes(sum(overview.storage_bytes)), note: kinds.map(([kind, size]) => `${kind.replaceAll("_", " ")} ${bytes(size)}`).join(", ") },
  ];
}

function StarRow({ stars, models }: { stars: number; models: number }) {
  return (
    <>
      <dt>
        <Stars value={stars} />
      </dt>
      <dd>{counted(models, "model")}</dd>
    </>
  );
}

function Failures({ failures }: { failures: Record<string, number> }) {
  const rows = Object.entries(failures).filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return <div className="panel pad">No job has failed.</div>;
  return (
    <ul className="panel rows">
      {rows.map(([code, n]) => (
        <li key={code} className="px-6 py-3 max-tablet:px-4">
          <div className="flex justify-between gap-3 text-13">
            <code className="text-ink">{code}</code>
            <b className="num">{count(n)}</b>
          </div>
          <p className="cap">{failureInWords(code)}</p>
        </li>
      ))}
    </ul>
  );
}
