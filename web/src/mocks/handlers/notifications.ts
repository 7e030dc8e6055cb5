import { http } from "msw";
import type { DeliverySettings } from "@/features/notifications/api/getDeliverySettings";
import type { Delivery } from "@/features/notifications/api/listDeliveries";
import type { Notification } from "@/features/notifications/api/listNotifications";
import { data, refused } from "../answer";
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

const notes: Notification[] = [
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
  note(4, {
    type: "job_failed",
    title: "Training Failed",
    message: "“Claims desk replies – quality” failed: a row of 3912 tokens does not fit with every layer recomputed. It cost $1.18.",
    priority: "high",
    action_url: "/training/jobs/job-failed",
    created_at: "2026-11-26T16:42:12Z",
  }),
  note(5, {
    type: "job_queued",
    title: "Training Job Queued",
    message: "Your training job for “Claims desk replies” has been queued and will start shortly.",
    priority: "low",
    action_url: "/training/jobs/job-failed",
    created_at: "2026-11-26T16:27:42Z",
  }),
];

const DELIVERIES: Delivery[] = [
  { user_id: "u-1", notification_id: "note-2", channel: "email", type: "dataset_failed", title: "A dataset has errors", status: "sent", tries: 1, last_error: null, created_at: "2026-11-28T08:51:00Z", sent_at: "2026-11-28T08:51:04Z" },
  { user_id: "u-1", notification_id: "note-4", channel: "webhook", type: "job_failed", title: "Training Failed", status: "failed", tries: 6, last_error: "503 of hooks.example.com", created_at: "2026-11-26T16:42:12Z", sent_at: null },
];
let settings: DeliverySettings = { email: "jo@example.com", webhook_url: "https://hooks.example.com/brightrun" };
const read = new Set<string>();
const all = () => (scenario("empty") ? [] : notes.map((one) => ({ ...one, read: one.read === true || read.has(one.id) })));

export const notifications = [
  http.get("*/api/notifications", ({ request }) => {
    const unread = new URL(request.url).searchParams.get("unread") === "true";
    const rows = unread ? all().filter((one) => !one.read) : all();
    return data({ notifications: rows, unread_count: all().filter((one) => !one.read).length, cursor: null });
  }),
  http.patch("*/api/notifications/:id/read", ({ params }) => {
    read.add(String(params.id));
    const found = all().find((one) => one.id === params.id);
    return found ? data(found) : refused(404, "notification_not_found", "there is no such notification");
  }),
  http.post("*/api/notifications/read-all", () => {
    const marked = all().filter((one) => !one.read);
    for (const { id } of marked) read.add(id);
    return data({ marked: marked.length, unread_count: 0 });
  }),
  http.get("*/api/notification-settings", () => data(settings)),
  http.patch("*/api/notification-settings", async ({ request }) => {
    const change = (await request.json()) as { email?: boolean; webhook_url?: string | null };
    if (change.webhook_url && !change.webhook_url.startsWith("https://")) {
      return refused(400, "invalid_request", "webhook_url: must begin with https", { webhook_url: ["must begin with https"] });
    }
    settings = {
      email: change.email === undefined ? settings.email : change.email ? "jo@example.com" : null,
      webhook_url: change.webhook_url === undefined ? settings.webhook_url : change.webhook_url,
    };
    return data({ ...settings, webhook_secret: change.webhook_url ? "shown-once-in-the-mocks" : null });
  }),
  http.post("*/api/notification-settings/test", () => data({ status_code: 204 })),
  http.get("*/api/notification-deliveries", () => data({ deliveries: scenario("empty") ? [] : DELIVERIES, cursor: null })),
];
