import { getRouteApi } from "@tanstack/react-router";
import { EmptyState } from "@/components/states/EmptyState";
import { ErrorNote } from "@/components/states/ErrorNote";
import { FilterChips } from "@/components/FilterChips";
import { Loaded } from "@/components/states/Loaded";
import { PageHead } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useNow } from "@/components/hooks/use-now";
import { useBell, useNotifications } from "./api/listNotifications";
import { useMarkAllRead } from "./api/markAllRead";
import { byDay } from "./days";
import { NoteLink } from "./NoteLink";
import { Ways } from "./Ways";

const route = getRouteApi("/inside/notifications");
const A_MINUTE = 60_000;

export function NotificationsPage() {
  const { unread = false } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useNotifications(unread);
  const all = useMarkAllRead();
  const now = useNow(A_MINUTE);
  const bell = useBell();
  const count = bell.data?.unread_count;
  const isNone = !unread && query.data?.pages[0]?.notifications.length === 0;
  return (
    <>
      <PageHead title="Notifications" />
      <StateSentence text={isNone ? "You have no notification yet." : sentence(count)} pending={bell.isPending} />
      <div className="mt-8 flex flex-wrap items-center gap-3">
        <FilterChips
          label="Which are shown"
          options={[
            { value: undefined, label: "All" },
            { value: "unread", label: "Unread", count: count ?? null },
          ]}
          value={unread ? "unread" : undefined}
          onChange={(value) => void navigate({ search: value ? { unread: true } : {} })}
        />
        <button type="button" className="btn ml-auto" disabled={!count || all.isPending} onClick={() => all.mutate()}>
          {all.isPending ? "Marking …" : "Mark all read"}
        </button>
      </div>
      <ErrorNote error={all.error} />
      <div className="mt-4">
        <Loaded query={query} what="The notifications" skeleton={<Skeleton rows={4} height={72} />}>
          {({ pages }) => {
            const days = byDay(pages.flatMap((page) => page.notifications), now);
            if (days.length === 0) return <Nothing unread={unread} />;
            return days.map((one, n) => (
              <Section key={one.name} title={one.name} flush={n === 0}>
                <ul className="panel rows overflow-hidden">
                  {one.notes.map((note) => (
                    <li key={note.id}>
                      <NoteLink note={note} />
                    </li>
                  ))}
                </ul>
              </Section>
            ));
          }}
        </Loaded>
        {query.hasNextPage ? (
          <button type="button" className="btn mt-4" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading …" : "Show more"}
          </button>
        ) : null}
      </div>
      <Ways />
    </>
  );
}

function sentence(unread: number | undefined): string {
  if (unread === undefined) return "";
  if (unread === 0) return "You have read everything.";
  return unread === 1 ? "One notification is unread." : `${unread} notifications are unread.`;
}

function Nothing({ unread }: { unread: boolean }) {
  if (unread) return <EmptyState title="All read." />;
  return <EmptyState title="Nothing yet.">You hear here when a dataset is checked and when a job starts, ends or fails.</EmptyState>;
}
