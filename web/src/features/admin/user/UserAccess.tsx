import { useState } from "react";
import { EmptyState } from "@/components/states/EmptyState";
import { Loaded } from "@/components/states/Loaded";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { useNow } from "@/components/hooks/use-now";
import type { ApiKey } from "@/features/api-keys/api/listApiKeys";
import { KeyTable } from "@/features/api-keys/KeyTable";
import { RevokeDialog } from "@/features/api-keys/RevokeDialog";
import { UserLimit } from "../UserLimit";
import { useUserKeys, userKeysQuery } from "./api/listUserKeys";
import { revokeUserKey } from "./api/revokeUserKey";
import type { User } from "./api/getUser";

const A_MINUTE = 60_000;

/** What a user may spend, and which keys act in their name. */
export function UserAccess({ user: { user_id: id } }: { user: User }) {
  const keys = useUserKeys(id);
  const now = useNow(A_MINUTE);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <>
      <Section title="Monthly limit" flush>
        <div className="panel pad">
          <UserLimit user={id} />
        </div>
      </Section>
      <Section title="API keys" aside="whoever holds one acts in this user’s name">
        <Loaded query={keys} what="The keys" skeleton={<Skeleton rows={3} height={48} />}>
          {({ api_keys }) => (api_keys.length === 0 ? <EmptyState title="No key.">They work with the dashboard alone.</EmptyState> : <KeyTable keys={api_keys} now={now} onRevoke={setRevoking} />)}
        </Loaded>
      </Section>
      <RevokeDialog of={revoking} onClose={() => setRevoking(null)} revoke={(key) => revokeUserKey(id, key)} listed={userKeysQuery(id).queryKey} />
    </>
  );
}
