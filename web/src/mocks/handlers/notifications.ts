import { http } from "msw";
import type { Notification } from "@/features/notifications/api/listNotifications";
import { data } from "../answer";
import { scenario } from "../scenario";

const note = (n: number, over: Partial<Notification>): Notification => ({
  id: `note-${n}`,
  user_id: "u-1",
  type: "job_started",
  title: "Training has begun",
  message: "Claims desk replies – balanced is training on 2× A100 80GB.",
  priority: "medium",
  read: n > 2,
  action_url: "/training/jobs/job-running",
  created_at: "2026-11-28T09:05:00Z",
  ...over,
});

export const notes: Notification[] = [
  note(1, {}),
  note(2, {
    type: "dataset_failed",
    title: "A dataset has errors",
    message: "13 of 16 rows of Harbour shop, first draft cannot be trained on.",
    priority: "high",
    action_url: "/datasets/ds-errors",
    created_at: "2026-11-28T08:51:00Z",
  }),
  note(3, {
    type: "artifact_ready",
    title: "A model is ready",
    message: "Claims desk replies - 2026-11-27 is stored and verified.",
    action_url: "/models/model-claims",
    created_at: "2026-11-27T18:20:00Z",
  }),
];

export const notifications = [
  http.get("*/api/notifications", ({ request }) => {
    const unread = new URL(request.url).searchParams.get("unread") === "true";
    const rows = scenario("empty") ? [] : notes.filter((one) => !unread || !one.read);
    return data({ notifications: rows, unread_count: scenario("empty") ? 0 : 2, cursor: null });
  }),
];
