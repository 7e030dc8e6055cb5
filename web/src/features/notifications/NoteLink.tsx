import { useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import { Moment } from "@/components/values";
import { useMarkRead } from "./api/markRead";
import type { Notification } from "./api/listNotifications";
import { edgeOf, pageOf } from "./days";

/** One notification; opening it marks it read. */
export function NoteLink({ note, onOpen }: { note: Notification; onOpen?: () => void }) {
  const router = useRouter();
  const { mutate: markRead } = useMarkRead();
  const page = pageOf(note.action_url, window.location.origin);
  function open(event: MouseEvent) {
    if (!note.read) markRead(note.id);
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen?.();
    router.history.push(page);
  }
  const isGrey = note.priority === "low";
  return (
    <a
      href={page}
      onClick={open}
      className={`flex gap-3 border-l-3 px-5 py-3.5 text-ink-2 no-underline hover:bg-hover hover:text-ink-2 focus-visible:-outline-offset-2 max-tablet:px-4 ${edgeOf(note)}`}
    >
      <span className={`mt-1.75 size-2 shrink-0 rounded-full ${note.read ? "" : "bg-accent"}`} aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="flex justify-between gap-3">
          <span className={isGrey ? "text-ink-3" : note.read ? "text-ink" : "strong"}>
            {note.title}
            {note.read ? null : <span className="sr-only">, unread</span>}
          </span>
          <span className="cap shrink-0 leading-5.5">
            <Moment at={note.created_at} />
          </span>
        </span>
        <span className={`block text-13 wrap-anywhere ${isGrey ? "text-ink-3" : ""}`}>{note.message}</span>
      </span>
    </a>
  );
}
