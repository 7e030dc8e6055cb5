import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { toast } from "@/lib/toast";
import type { ApiKey } from "./api/listApiKeys";

interface Props {
  of: ApiKey | null;
  onClose: () => void;
  revoke: (id: string) => Promise<unknown>;
  /** Under which key the list of keys is known. */
  listed: QueryKey;
}

/** Asks before a key is revoked, one's own or somebody else's. */
export function RevokeDialog({ of, onClose, revoke, listed }: Props) {
  const client = useQueryClient();
  const revocation = useMutation({
    mutationFn: (key: ApiKey) => revoke(key.id),
    onSuccess: (_, key) => {
      toast(`“${key.name}” is revoked.`);
      onClose();
      return client.invalidateQueries({ queryKey: listed });
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
