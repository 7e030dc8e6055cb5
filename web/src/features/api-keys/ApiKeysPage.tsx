import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { EmptyState } from "@/components/EmptyState";
import { Loaded } from "@/components/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Skeleton } from "@/components/Skeleton";
import { StateSentence } from "@/components/StateSentence";
import { useNow } from "@/components/use-now";
import { toast } from "@/lib/toast";
import { useApiKeys, type ApiKey } from "./api/listApiKeys";
import { revokeApiKey } from "./api/revokeApiKey";
import { works } from "./key-state";
import { KeyTable } from "./KeyTable";
import { NewKeyDialog } from "./NewKeyDialog";

const NONE = "A key lets a program do what you can do here.";

export function ApiKeysPage() {
  const query = useApiKeys();
  const now = useNow(60_000);
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
      <StateSentence text={keys ? sentence(keys.filter((key) => works(key, now)).length, isNone) : ""} pending={query.isPending} />
      {isNone ? null : <PhoneActions>{action}</PhoneActions>}
      <div className="section">
        <Loaded query={query} what="The keys" skeleton={<Skeleton rows={3} height={48} />}>
          {({ api_keys }) =>
            api_keys.length === 0 ? (
              <EmptyState title="No key yet." action={action}>
                {NONE}
              </EmptyState>
            ) : (
              <KeyTable keys={api_keys} now={now} onRevoke={setRevoking} />
            )
          }
        </Loaded>
      </div>
      <NewKeyDialog open={making} onClose={() => setMaking(false)} />
      <Revoke of={revoking} onClose={() => setRevoking(null)} />
    </>
  );
}

function sentence(working: number, isNone: boolean): string {
  if (working === 0) return isNone ? NONE : "No key works any more.";
  return working === 1 ? "One key works; whoever holds it acts in your name." : `${working} keys work; whoever holds one acts in your name.`;
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
