import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import { accessMark, userSentence } from "./words";

const ADA = "5f0c8a52-31d7-4c58-9a55-0d6c3be0f1aa";
const user = { email: "ada@example.com", disabled_at: null, changed_at: null, seen_at: "2026-11-28T09:20:00Z", spent_this_month: 41.85 };

function sentBy(method: string): string[] {
  const sent: string[] = [];
  server.events.on("request:start", ({ request }) => (request.method === method ? void sent.push(new URL(request.url).pathname) : undefined));
  return sent;
}

test.each([
  [user, undefined, "May come in, and has spent $41.85 this month."],
  [{ ...user, seen_at: null }, undefined, "May come in, and has not brought a dataset yet."],
  [{ ...user, email: null, seen_at: null }, undefined, "Nothing is known of this id: no dataset, and no address in the user pool."],
  [{ ...user, disabled_at: "2025-11-26T12:00:00Z" }, undefined, "Shut out since 26 Nov 2025: neither signing in nor any key opens anything."],
  [user, { state: "erasing" as const }, "Everything of theirs is being erased."],
  [user, { state: "erased" as const, erased_at: "2025-11-26T12:00:00Z" }, "Erased on 26 Nov 2025. What it cost stays, without a name."],
])("how a user stands", (given, erasure, words) => {
  expect(userSentence(given, erasure && { due_at: null, erased_at: null, ...erasure })).toBe(words);
});

test("an erasure is told before a lock", () => {
  const out = { ...user, disabled_at: "2025-11-26T12:00:00Z" };
  expect(accessMark(out, { state: "waiting", due_at: null, erased_at: null }).word).toBe("Erased soon");
  expect(accessMark(out).word).toBe("Shut out");
  expect(accessMark({ ...user, email: null, seen_at: null }).word).toBe("Not known");
});

test("shutting out asks first, and letting in again does not", async () => {
  const sent = sentBy("POST");
  renderAt(`/admin/users/${ADA}`);
  await userEvent.click((await screen.findAllByRole("button", { name: "Shut out" }))[0]!);
  const dialog = await screen.findByRole("alertdialog", { name: "Shut ada@example.com out?" });
  expect(sent).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Shut out" }));
  await userEvent.click((await screen.findAllByRole("button", { name: "Let in again" }))[0]!);
  await waitFor(() => expect(sent).toEqual([`/api/admin/users/${ADA}/disable`, `/api/admin/users/${ADA}/enable`]));
});

test("a key of somebody else's is revoked there and nowhere else", async () => {
  const sent = sentBy("DELETE");
  renderAt(`/admin/users/${ADA}`);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke “Nightly training”" }));
  await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Revoke key" }));
  await waitFor(() => expect(sent).toEqual([`/api/admin/users/${ADA}/api-keys/key-2`]));
});

test("a user is erased only when the words are typed", async () => {
  const sent = sentBy("POST");
  renderAt(`/admin/users/${ADA}?tab=data`);
  await userEvent.click(await screen.findByRole("button", { name: "Erase this user …" }));
  const dialog = await screen.findByRole("alertdialog");
  const act = within(dialog).getByRole("button", { name: "Erase everything" });
  await userEvent.type(within(dialog).getByRole("textbox"), "erase");
  expect(act).toBeDisabled();
  await userEvent.type(within(dialog).getByRole("textbox"), " everything");
  await userEvent.click(act);
  await waitFor(() => expect(sent).toEqual([`/api/admin/users/${ADA}/erase`]));
});

test("one deleted thing is erased for ever, and only that one", async () => {
  const bodies: unknown[] = [];
  server.events.on("request:start", ({ request }) => (request.method === "POST" ? void request.clone().json().then((body) => bodies.push(body)) : undefined));
  renderAt(`/admin/users/${ADA}?tab=data`);
  await userEvent.click(await screen.findByRole("button", { name: "Erase now: “Intake, first try”" }));
  await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Erase now" }));
  await waitFor(() => expect(bodies).toEqual([{ ids: ["0199f3a2-7c4e-7b1d-9a60-52c1e8d0f4b7"] }]));
});

test("nobody but an administrator asks for anything of a user", async () => {
  const asked = sentBy("GET");
  server.use(http.get("*/api/me", () => HttpResponse.json({ success: true, data: { email: "jo@example.com", user_id: "u", groups: [] } })));
  renderAt(`/admin/users/${ADA}`);
  expect(await screen.findByRole("alert")).toHaveTextContent("You may not see this.");
  expect(asked.filter((path) => path.startsWith("/api/admin/"))).toEqual([]);
});
