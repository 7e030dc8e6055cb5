import { Link } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { KeyValues } from "@/components/KeyValues";
import { Loaded } from "@/components/states/Loaded";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { Moment } from "@/components/values";
import { count, counted, duration } from "@/lib/format";
import { useHealth, type Health } from "./api/getHealth";
import { ageOf, healthSentence } from "./words";

const A_SECOND = 1000;

/** Each function behind the API, and when it last ran. */
export function Functions() {
  const query = useHealth();
  return (
    <Loaded query={query} what="The state of the functions" skeleton={<Skeleton rows={6} height={44} />}>
      {(health) => (
        <>
          <StateSentence text={healthSentence(health)} />
          <div className="two section">
            <Section title="Functions" flush>
              <FunctionTable functions={health.functions} />
            </Section>
            <Section title="What they stand on" flush>
              <div className="panel pad">
                <KeyValues
                  items={[
                    ["Stage", health.stage],
                    ["Table", <Answers key="t" well={health.table} />],
                    ["Bucket", <Answers key="b" well={health.bucket} />],
                    ["Key of the GPU provider", <ProviderKey key="p" refusedAt={health.provider_key_refused_at} />],
                    ["Catalogue", <Held key="c" catalog={health.catalog} />],
                    ["Set aside as unreadable", <SetAside key="u" items={health.unreadable} />],
                  ]}
                />
              </div>
            </Section>
          </div>
        </>
      )}
    </Loaded>
  );
}

const Answers = ({ well }: { well: boolean }) => <Badge mark={well ? { word: "Answers", tone: "good" } : { word: "Does not answer", tone: "bad" }} />;

function ProviderKey({ refusedAt }: { refusedAt: string | null }) {
  if (refusedAt === null) return <Badge mark={{ word: "Accepted", tone: "good" }} />;
  return <Badge mark={{ word: "Refused", tone: "bad" }} title={`Since ${refusedAt}`} />;
}

function Held({ catalog }: { catalog: Health["catalog"] }) {
  return (
    <Link to="/admin" search={{ tab: "catalogue" }} className={catalog.problem ? "text-prep" : undefined}>
      {catalog.version === 0 ? "shipped" : `version ${catalog.version}`}
      {catalog.problem ? ", with a problem" : ""}
    </Link>
  );
}

function SetAside({ items }: { items: number }) {
  if (items === 0) return count(items);
  return (
    <Link to="/admin" search={{ tab: "unreadable" }}>
      {counted(items, "record")}
    </Link>
  );
}

function FunctionTable({ functions }: { functions: Health["functions"] }) {
  const now = useNow(A_SECOND);
  const rows = Object.entries(functions).sort(([, a], [, b]) => Number(a.well) - Number(b.well));
  return (
    <div className="panel overflow-hidden">
      <table className="table num">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Last run</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, one]) => (
            <tr key={name}>
              <td className="max-tablet:flex-1">
                <code className="text-ink">{name}</code>
              </td>
              <td title={one.last_run_at ?? undefined}>{one.last_run_at ? `${duration(ageOf(one.last_run_at, now))} ago` : "never"}</td>
              <td>
                <Badge mark={one.well ? { word: "Well", tone: "good" } : { word: "Stands still", tone: "bad" }} />
                {one.broke_at ? (
                  <span className="cap block">
                    last broke <Moment at={one.broke_at} />
                  </span>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
