import { Badge } from "@/components/Badge";
import { Absent, Moment } from "@/components/values";
import type { ApiKey } from "./api/listApiKeys";
import { keyState } from "./key-state";
import { SCOPES } from "./ScopeChoice";

/** Every key with what it opens, until when, and whether anybody uses it. */
export function KeyTable({ keys, now, onRevoke }: { keys: ApiKey[]; now: Date; onRevoke: (key: ApiKey) => void }) {
  return (
    <>
      <div className="panel overflow-hidden">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">May</th>
              <th scope="col">Created</th>
              <th scope="col">Last used</th>
              <th scope="col">Ends</th>
              <th scope="col">State</th>
              <th scope="col">
                <span className="sr-only">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Row key={key.id} of={key} now={now} onRevoke={onRevoke} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="cap mt-3">Revoked keys are listed for 30 days.</p>
    </>
  );
}

function Row({ of: key, now, onRevoke }: { of: ApiKey; now: Date; onRevoke: (key: ApiKey) => void }) {
  return (
    <tr>
      <td className="wide align-middle">
        <b>{key.name}</b> <code className="block text-ink-3">brk_…{key.hint}</code>
      </td>
      <td className="align-middle" data-label="may">
        {key.scopes.map((scope) => SCOPES[scope].label.toLowerCase()).join(", ")}
      </td>
      <td className="align-middle whitespace-nowrap" data-label="created">
        <Moment at={key.created_at} />
      </td>
      <td className="align-middle whitespace-nowrap" data-label="used">
        {key.last_used_at ? <Moment at={key.last_used_at} /> : <span className="text-ink-3">never</span>}
      </td>
      <td className="align-middle whitespace-nowrap" data-label="ends">
        {key.ends_at ? <Moment at={key.ends_at} /> : <Absent why="It ends when it is revoked" />}
      </td>
      <td className="align-middle">
        <Badge mark={keyState(key, now)} />
        {key.revoked_at ? (
          <span className="cap block">
            <Moment at={key.revoked_at} />
          </span>
        ) : null}
      </td>
      <td className="n align-middle !py-1.5 max-tablet:basis-full">
        {key.revoked_at ? null : (
          <button type="button" className="btn btn-danger" aria-label={`Revoke “${key.name}”`} onClick={() => onRevoke(key)}>
            Revoke
          </button>
        )}
      </td>
    </tr>
  );
}
