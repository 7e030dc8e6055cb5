import { Link } from "@tanstack/react-router";
import { Popover } from "radix-ui";
import { useState } from "react";
import { ErrorState } from "@/components/states/ErrorState";
import { Icon } from "@/components/icons";
import { useBell } from "./api/listNotifications";
import { useMarkAllRead } from "./api/markAllRead";
import { NoteLink } from "./NoteLink";

/** How many are unread; opens the newest eight. */
export function Bell() {
  const bell = useBell();
  const [open, setOpen] = useState(false);
  const unread = bell.data?.unread_count ?? 0;
  const close = () => setOpen(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="bell" aria-label={unread === 0 ? "Notifications" : `${unread} unread notifications`}>
        <Icon name="bell" />
        {unread > 0 ? <span className="bell-count">{unread > 99 ? "99+" : unread}</span> : null}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu w-96 max-w-[calc(100vw-32px)] overflow-hidden !p-0" align="end" sideOffset={8} collisionPadding={16} aria-label="Newest notifications">
          <div className="flex items-center justify-between border-b border-line px-5 py-2 max-tablet:px-4">
            <h2>Notifications</h2>
            {unread > 0 ? <MarkAll /> : null}
          </div>
          <div className="max-h-[min(440px,60dvh)] overflow-y-auto">
            {bell.error && !bell.data ? <ErrorState what="The notifications" error={bell.error} retry={() => void bell.refetch()} /> : null}
            {bell.data?.notifications.length === 0 ? (
              <p className="px-5 py-4">Nothing yet. You hear here when a dataset is checked and when a job starts, ends or fails.</p>
            ) : (
              <ul className="rows">
                {bell.data?.notifications.map((note) => (
                  <li key={note.id}>
                    <NoteLink note={note} onOpen={close} />
                  </li>
                ))}
              </ul>
            )}
          </div>
          <div className="border-t border-line p-1">
            <Link to="/notifications" className="menu-item justify-center text-accent" onClick={close}>
              All notifications
            </Link>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function MarkAll() {
  const all = useMarkAllRead();
  return (
    <button type="button" className="btn btn-quiet -mr-3" disabled={all.isPending} onClick={() => all.mutate()}>
      Mark all read
    </button>
  );
}
