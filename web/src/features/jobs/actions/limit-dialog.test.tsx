import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

let changes: unknown[] = [];

beforeEach(() => {
  changes = [];
  server.events.removeAllListeners();
  server.events.on("request:start", ({ request }) => (request.method === "PATCH" ? void request.clone().json().then((body) => changes.push(body)) : undefined));
});

test("a job that rests on its limit is resumed with a higher one, proposed so that it can finish", async () => {
  renderAt("/training/jobs/job-limited");
  await userEvent.click((await screen.findAllByRole("button", { name: "Resume with a higher limit" }))[0]!);
  const dialog = await screen.findByRole("dialog", { name: "What may it cost?" });
  expect(within(dialog).getByRole("textbox")).toHaveValue("11.10");
  await userEvent.click(within(dialog).getByRole("button", { name: "Set it and resume" }));
  await waitFor(() => expect(changes).toEqual([{ max_cost: 11.1, resume: true }]));
});

test("less than what it has cost is said at the field, and cannot be sent", async () => {
  renderAt("/training/jobs/job-running");
  await userEvent.click(await screen.findByRole("button", { name: "Change the spending limit" }));
  const field = within(await screen.findByRole("dialog")).getByRole("textbox");
  await userEvent.clear(field);
  await userEvent.type(field, "2");
  expect(screen.getByRole("alert")).toHaveTextContent("Write more than the $2.04 that it has cost.");
  expect(screen.getByRole("button", { name: "Set the limit" })).toBeDisabled();
});

test("an emptied field takes the limit away", async () => {
  renderAt("/training/jobs/job-running");
  await userEvent.click(await screen.findByRole("button", { name: "Change the spending limit" }));
  await userEvent.clear(within(await screen.findByRole("dialog")).getByRole("textbox"));
  await userEvent.click(screen.getByRole("button", { name: "Set the limit" }));
  await waitFor(() => expect(changes).toEqual([{ max_cost: null, resume: false }]));
});
