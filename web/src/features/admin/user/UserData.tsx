import { Section } from "@/components/Section";
import { ExportPanel } from "@/features/export/ExportPanel";
import type { User } from "./api/getUser";
import { DeletedThings } from "./DeletedThings";
import { EraseUser } from "./EraseUser";
import { nameOf } from "./words";

/** Everything that is kept of a user: taken out, what they deleted erased for ever, all of it erased. */
export function UserData({ user }: { user: User }) {
  return (
    <>
      <Section title="Export" flush>
        <ExportPanel user={user.user_id} name={nameOf(user)} />
      </Section>
      <Section title="Deleted, not erased yet" aside="kept for some days, so that a mistake can be mended">
        <DeletedThings user={user.user_id} />
      </Section>
      <Section title="Erase everything">
        <EraseUser user={user} />
      </Section>
    </>
  );
}
