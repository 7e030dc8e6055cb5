import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "@/components/Badge";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { EmptyState } from "@/components/EmptyState";
import { Loaded } from "@/components/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Skeleton } from "@/components/Skeleton";
import { StateSentence } from "@/components/StateSentence";
import { Moment } from "@/components/values";
import { toast } from "@/lib/toast";
import { useApiKeys, type ApiKey } from "./api/listApiKeys";
import { revokeApiKey } from "./api/revokeApiKey";
import { NewKeyDialog } from "./NewKeyDialog";

const NONE = "A key lets a program do what you can do here.";

export function ApiKeysPage() {
  const query = useApiKeys();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const action = (
    <button type="button" className="btn btn-primary" onClick={() => setMaking(true)}>
      New key
    </button>
  );
  const keys = query.data?.api_keys;
  const isNone = keys?.length === 0;
  return (
    <>
      <PageHead title="API keys">{isNone ? null : action}</PageHead>
      <StateSentence text={keys ? sentence(keys) : ""} />
      {isNone ? null : <PhoneActions>{action}</PhoneActions>}
      <div className="section">
        <Loaded query={query} what="The keys" skeleton={<Skeleton rows={3} height={48} />}>
          {({ api_keys }) =>
            api_keys.length === 0 ? (
              <EmptyState title="No key yet." action={action}>
                {NONE}
              </EmptyState>
            ) : (
              <KeyTable keys={api_keys} onRevoke={setRevoking} />
            )
          }
        </Loaded>
      </div>
      <NewKeyDialog open={making} onClose={() => setMaking(false)} />
      <Revoke of={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function sentence(keys: ApiKey[]): string {
  const working = keys.filter((key) => key.revoked_at === null).length;
  if (working === 0) return keys.length === 0 ? NONE : "No key works any more.";
  return working === 1 ? "One key works; whoever holds it can do what you can do here." : `${working} keys work; whoever holds one can do what you can do here.`;
}

function KeyTable({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  return (
    <>
      <div className="panel overflow-hidden">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Key</th>
              <th scope="col">Created</th>
              <th scope="col">State</th>
              <th scope="col">
                <span className="sr-only">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <td className="wide align-middle">
                  <b>{key.name}</b>
                </td>
                <td className="align-middle">
                  <code>brk_…{key.hint}</code>
                </td>
                <td className="align-middle" data-label="created">
                  <Moment at={key.created_at} />
                </td>
                <td className="align-middle">{key.revoked_at ? <Revoked at={key.revoked_at} /> : <Badge mark={{ word: "Works", tone: "good" }} />}</td>
                <td className="n !py-1.5 max-tablet:basis-full">
                  {key.revoked_at ? null : (
                    <button type="button" className="btn btn-danger" aria-label={`Revoke “${key.name}”`} onClick={() => onRevoke(key)}>
                      Revoke
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="cap mt-3">Revoked keys are listed for 30 days.</p>
    </>
  );
}

function Revoked({ at }: { at: string }) {
  return (
    <>
      <Badge mark={{ word: "Revoked", tone: "rest" }} />{" "}
      <span className="cap">
        <Moment at={at} />
      </span>
    </>
  );
}

function Revoke({ of, onClose }: { of: ApiKey | null; onClose: () => void }) {
  const client = useQueryClient();
  const revocation = useMutation({
    mutationFn: (key: ApiKey) => revokeApiKey(key.id),
    onSuccess: (_, key) => {
      toast(`“${key.name}” is revoked.`);
      onClose();
      return client.invalidateQueries({ queryKey: ["api-keys"] });
    },
  });
  function close() {
    revocation.reset();
    onClose();
  }
  return (
    <ConfirmDialog
      open={of !== null}
      onClose={close}
      title={`Revoke “${of?.name ?? ""}”?`}
      keep="Keep it"
      act="Revoke key"
      onAct={() => (of ? revocation.mutate(of) : undefined)}
      busy={revocation.isPending}
      busyWord="Revoking …"
      error={revocation.error}
    >
      <p>Programs that use it are refused at once.</p>
    </ConfirmDialog>
  );
}
