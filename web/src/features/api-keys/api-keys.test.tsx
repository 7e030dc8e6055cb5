import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

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
