import { day } from "@/lib/format";
import type { Notification } from "./api/listNotifications";

interface Day {
  name: string;
  notes: Notification[];
}

/** The same order, under the day each came: "Today", "Yesterday", "26 Nov". */
export function byDay(notes: readonly Notification[], now: Date): Day[] {
  const days: Day[] = [];
  for (const note of notes) {
    const name = dayName(note.created_at, now);
    const last = days.at(-1);
    if (last?.name === name) last.notes.push(note);
    else days.push({ name, notes: [note] });
  }
  return days;
}

function dayName(iso: string, now: Date): string {
  const then = new Date(iso).toDateString();
  if (then === now.toDateString()) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  return then === yesterday.toDateString() ? "Yesterday" : day(iso, now);
}

const EDGES: Record<Notification["type"], string> = {
  dataset_ready: "border-l-good-solid",
  dataset_failed: "border-l-bad-solid",
  job_queued: "border-l-run-solid",
  job_started: "border-l-run-solid",
  job_completed: "border-l-good-solid",
  job_failed: "border-l-bad-solid",
  job_cancelled: "border-l-rest-solid",
  artifact_ready: "border-l-good-solid",
  checkpoint_expiring: "border-l-prep-solid",
  budget_warning: "border-l-prep-solid",
  budget_exceeded: "border-l-bad-solid",
};

/** What is urgent has an edge in the colour of its kind. */
export const edgeOf = (note: Notification): string => (note.priority === "high" ? EDGES[note.type] : "border-l-transparent");

/** A page of this app, whatever host the address names; an address of elsewhere leads nowhere. */
export function pageOf(actionUrl: string, origin: string): string {
  const url = URL.canParse(actionUrl, origin) ? new URL(actionUrl, origin) : null;
  if (!url?.protocol.startsWith("http")) return "/";
  return `${url.pathname}${url.search}`;
}
