import { Link } from "@tanstack/react-router";
import { EmptyState } from "@/components/states/EmptyState";
import { Loaded } from "@/components/states/Loaded";
import { ShowMore } from "@/components/ShowMore";
import { Skeleton } from "@/components/states/Skeleton";
import { Moment } from "@/components/values";
import { ABSENT, counted } from "@/lib/format";
import { useAudit, type AuditEntry } from "./api/listAudit";
import { actorOf, changesOf, deedOf, pageOf } from "./words";

/** Who changed what: of one's own things, or of a user's for administrators. */
export function AuditTrail({ user }: { user?: string }) {
  const query = useAudit(user);
  const reader = user === undefined ? "owner" : "admin";
  return (
    <Loaded query={query} what="The audit trail" skeleton={<Skeleton rows={5} height={64} />}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.entries);
        if (entries.length === 0) return <EmptyState title="Nothing was changed yet.">Each change of a key, limit, dataset, job or model is listed here, with who made it.</EmptyState>;
        return (
          <>
            <div className="panel overflow-hidden">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">What</th>
                    <th scope="col">Who</th>
                    <th scope="col">From</th>
                  </tr>
                </thead>
                <tbody>
                  {entries.map((entry) => (
                    <Row key={entry.id} entry={entry} reader={reader} />
                  ))}
                </tbody>
              </table>
            </div>
            <ShowMore query={query} />
          </>
        );
      }}
    </Loaded>
  );
}

function Row({ entry, reader }: { entry: AuditEntry; reader: "owner" | "admin" }) {
  const { shown, folded } = changesOf(entry);
  const isOthers = entry.actor !== entry.user_id;
  return (
    <tr>
      <td className="num whitespace-nowrap">
        <Moment at={entry.at} />
      </td>
      <td className="wide">
        <b>{deedOf(entry)}</b> <Target entry={entry} isLinked={reader === "owner"} />
        {shown.map((change) => (
          <Change key={change.field} {...change} />
        ))}
        {folded.length > 0 ? (
          <details>
            <summary className="cap cursor-pointer max-tablet:py-3">{shown.length > 0 ? `${counted(folded.length, "field")} more` : counted(folded.length, "field")}</summary>
            {folded.map((change) => (
              <Change key={change.field} {...change} />
            ))}
          </details>
        ) : null}
      </td>
      <td>
        {actorOf(entry, reader)}
        {isOthers ? <code className="block text-ink-3">{entry.actor}</code> : null}
        <span className="cap block">{entry.key_id ? <>with the key <code>{entry.key_id.slice(0, 8)}</code></> : "signed in"}</span>
      </td>
      <td className="whitespace-nowrap" data-label="from" title={`Request ${entry.request_id}`}>
        <code>{entry.address ?? ABSENT}</code>
      </td>
    </tr>
  );
}

function Target({ entry, isLinked }: { entry: AuditEntry; isLinked: boolean }) {
  const to = isLinked ? pageOf(entry) : null;
  const id = <code title={entry.target}>{entry.target.slice(0, 8)}</code>;
  return to ? (
    <Link to={to} params={{ id: entry.target }}>
      {id}
    </Link>
  ) : (
    <span className="text-ink-3">{id}</span>
  );
}

function Change({ field, before, after }: { field: string; before: string | undefined; after: string | undefined }) {
  return (
    <p className="text-12 wrap-anywhere">
      <span className="text-ink-3">{field.replaceAll("_", " ")}</span> {before === undefined ? null : <del className="text-ink-3">{before}</del>} {after === undefined ? <span className="text-ink-3">taken away</span> : <ins className="text-ink no-underline">{after}</ins>}
    </p>
  );
}
