import { useState } from "react";
import { EmptyState } from "@/components/states/EmptyState";
import { Loaded } from "@/components/states/Loaded";
import { PageHead, PhoneActions } from "@/components/PageHead";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { useApiKeys, type ApiKey } from "./api/listApiKeys";
import { revokeApiKey } from "./api/revokeApiKey";
import { works } from "./key-state";
import { KeyTable } from "./KeyTable";
import { NewKeyDialog } from "./NewKeyDialog";
import { RevokeDialog } from "./RevokeDialog";

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
      <RevokeDialog of={revoking} onClose={() => setRevoking(null)} revoke={revokeApiKey} listed={["api-keys"]} />
    </>
  );
}

function sentence(working: number, isNone: boolean): string {
  if (working === 0) return isNone ? NONE : "No key works any more.";
  return working === 1 ? "One key works; whoever holds it acts in your name." : `${working} keys work; whoever holds one acts in your name.`;
}
