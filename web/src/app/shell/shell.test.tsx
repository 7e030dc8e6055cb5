import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { expect, test } from "vitest";
import { data } from "@/mocks/answer";
import { server } from "@/mocks/server";
import { session } from "@/lib/auth/session";
import { renderAt } from "@/test/render";

test("an unknown address says so and leads home", async () => {
  renderAt("/nothing/here");
  expect(await screen.findByText("There is no such page.")).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Home" }).at(-1)).toHaveProperty("pathname", "/");
});

test("a page that cannot be drawn says so, and that the jobs go on", async () => {
  server.use(http.get("*/api/costs", () => data({ chart_data: null })));
  renderAt("/costs");
  expect(await screen.findByText("This page could not be shown.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Load it again" })).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Home" })[0]).toBeVisible();
});

test("g and a letter goes to a page, and nothing happens while somebody types", async () => {
  const { router } = renderAt("/costs");
  await screen.findByRole("heading", { name: "Costs" });

  await userEvent.keyboard("gm");

  await waitFor(() => expect(router.state.location.pathname).toBe("/models"));
});

test("the question mark lists the shortcuts, Escape closes the list", async () => {
  renderAt("/costs");
  await screen.findByRole("heading", { name: "Costs" });
  await userEvent.keyboard("?");
  expect(await screen.findByRole("dialog", { name: "Shortcuts" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a session that the server ended leads to the sign-in and remembers where one was", async () => {
  const { router } = renderAt("/costs?period=year");
  await screen.findByRole("heading", { name: "Costs" });

  session.end("lost");

  await waitFor(() => expect(router.state.location.pathname).toBe("/sign-in"));
  expect(router.state.location.search).toEqual({ next: "/costs?period=year" });
});
