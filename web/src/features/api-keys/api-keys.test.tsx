import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import type { ApiKey } from "./api/listApiKeys";
import { keyState } from "./key-state";

test("a new key is shown once, and its example holds no key", async () => {
  renderAt("/settings/api-keys");
  await userEvent.click((await screen.findAllByRole("button", { name: "New key" }))[0]!);
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Nightly");
  await userEvent.click(screen.getByRole("button", { name: "Make the key" }));
  const dialog = await screen.findByRole("dialog", { name: "Copy it now" });
  const example = within(dialog).getByRole("region", { name: "Example" });
  expect(within(dialog).getByText(/shown-once-in-the-mocks/)).toBeVisible();
  expect(example).toHaveTextContent("$BRIGHTRUN_API_KEY");
  expect(example).not.toHaveTextContent("shown-once-in-the-mocks");
  await userEvent.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByText(/shown-once-in-the-mocks/)).not.toBeInTheDocument());
});

test("too many keys are refused in the dialog, in the API's words", async () => {
  server.use(http.post("*/api/api-keys", () => HttpResponse.json({ error: "at most 10 keys", code: "quota_exceeded" }, { status: 429 })));
  renderAt("/settings/api-keys");
  await userEvent.click((await screen.findAllByRole("button", { name: "New key" }))[0]!);
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "One more{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("at most 10 keys");
});

test("revoking asks first and says what follows", async () => {
  const revoked: string[] = [];
  server.events.on("request:start", ({ request }) => (request.method === "DELETE" ? void revoked.push(new URL(request.url).pathname) : undefined));
  renderAt("/settings/api-keys");
  await userEvent.click(await screen.findByRole("button", { name: "Revoke “Nightly training”" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Revoke “Nightly training”?" });
  expect(dialog).toHaveTextContent("Programs that use it are refused at once.");
  expect(revoked).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Revoke key" }));
  await waitFor(() => expect(revoked).toEqual(["/api/api-keys/key-2"]));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
});

test("a key is made with what it may do and until when", async () => {
  const orders: unknown[] = [];
  server.events.on("request:start", ({ request }) => (request.method === "POST" ? void request.clone().json().then((body) => orders.push(body)) : undefined));
  renderAt("/settings/api-keys");
  await userEvent.click((await screen.findAllByRole("button", { name: "New key" }))[0]!);
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Reader");
  await userEvent.click(screen.getByRole("checkbox", { name: /^Write/ }));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "It ends" }), "after 90 days");
  await userEvent.click(screen.getByRole("button", { name: "Make the key" }));
  await screen.findByRole("dialog", { name: "Copy it now" });
  expect(orders).toEqual([{ name: "Reader", scopes: ["read"], expires_in_days: 90 }]);
});

test("a key opens something: the last scope cannot be taken away", async () => {
  renderAt("/settings/api-keys");
  await userEvent.click((await screen.findAllByRole("button", { name: "New key" }))[0]!);
  await userEvent.click(await screen.findByRole("checkbox", { name: /^Write/ }));
  expect(screen.getByRole("checkbox", { name: /^Read/ })).toBeDisabled();
});

test("a key whose time is over is told from one that works and one that was revoked", () => {
  const key: ApiKey = { id: "k", name: "k", hint: "abcd", scopes: ["read"], created_at: "2026-09-01T09:00:00Z", ends_at: "2026-11-01T09:00:00Z", last_used_at: null, revoked_at: null };
  const words = (over: Partial<ApiKey>, now: string) => keyState({ ...key, ...over }, new Date(now)).word;
  expect(words({}, "2026-10-31T09:00:00Z")).toBe("Works");
  expect(words({}, "2026-11-01T09:00:00Z")).toBe("Ended");
  expect(words({ ends_at: null }, "2036-11-01T09:00:00Z")).toBe("Works");
  expect(words({ revoked_at: "2026-10-01T09:00:00Z" }, "2026-10-31T09:00:00Z")).toBe("Revoked");
});
