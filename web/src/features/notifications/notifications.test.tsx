import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { describe, expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import type { Notification } from "./api/listNotifications";
import { byDay, edgeOf, pageOf } from "./days";

const note = (over: Partial<Notification>): Notification => ({ id: "n", user_id: "u", type: "job_failed", title: "Training failed", message: "It cost $1.18", priority: "high", read: false, action_url: "/training/jobs/j", created_at: "2026-11-28T09:05:00Z", ...over });
const ok = (data: object) => HttpResponse.json({ success: true, data });

describe("a notification", () => {
  test("stands under the day it came", () => {
    const now = new Date("2026-11-28T09:29:00Z");
    const notes = ["2026-11-28T09:05:00Z", "2026-11-28T00:01:00Z", "2026-11-27T23:59:00Z", "2026-11-20T10:00:00Z"].map((created_at, n) => note({ id: String(n), created_at }));
    expect(byDay(notes, now).map((day) => [day.name, day.notes.length])).toEqual([["Today", 2], ["Yesterday", 1], ["20 Nov", 1]]);
  });

  test("leads to a page of this app, whatever its address names", () => {
    expect(pageOf("https://elsewhere.example.com/training/jobs/1?tab=log", "https://here.example.com")).toBe("/training/jobs/1?tab=log");
    expect(pageOf("javascript:alert(1)", "https://here.example.com")).toBe("/");
  });

  test("only what is urgent has a coloured edge", () => {
    expect(edgeOf(note({}))).toBe("border-l-bad-solid");
    expect(edgeOf(note({ priority: "medium" }))).toBe("border-l-transparent");
  });
});

test("opening one from the bell marks it read and goes to its page", async () => {
  const read: string[] = [];
  server.use(
    http.get("*/api/notifications", () => ok({ notifications: [note({ action_url: "/models/model-claims" })], unread_count: 1, cursor: null })),
    http.patch("*/api/notifications/:id/read", ({ params }) => {
      read.push(String(params.id));
      return ok(note({ read: true }));
    }),
  );
  const { router } = renderAt("/settings/limits");
  await userEvent.click(await screen.findByRole("button", { name: "1 unread notifications" }));
  const bell = await screen.findByRole("dialog", { name: "Newest notifications" });
  await userEvent.click(await within(bell).findByRole("link", { name: /Training failed, unread/ }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/models/model-claims"));
  await waitFor(() => expect(read).toEqual(["n"]));
});

test("the secret of a webhook is shown once and kept nowhere", async () => {
  server.use(
    http.get("*/api/notification-settings", () => ok({ email: null, webhook_url: null })),
    http.patch("*/api/notification-settings", () => ok({ email: null, webhook_url: "https://a.example.com", webhook_secret: "shown-once" })),
  );
  const { client } = renderAt("/notifications");
  await userEvent.click(await screen.findByText("Also tell me by"));
  await userEvent.type(await screen.findByRole("textbox", { name: "Webhook" }), "https://a.example.com");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const dialog = await screen.findByRole("dialog", { name: "The webhook’s secret" });
  expect(dialog).toHaveTextContent("shown-once");
  await userEvent.click(within(dialog).getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(screen.queryByText("shown-once")).not.toBeInTheDocument());
  expect(client.getQueryData(["notification-settings"])).toMatchObject({ webhook_url: "https://a.example.com", webhook_secret: null });
});
