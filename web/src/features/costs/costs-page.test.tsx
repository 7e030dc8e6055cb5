import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { costsOf } from "@/mocks/fixtures/costs";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

test("a first day after the last is said at the field and asked of nobody; mended, it stands in the address", async () => {
  const { router } = renderAt("/costs?start=2026-11-01&end=2026-11-20");
  await screen.findByText("1 November to 20 November");
  await userEvent.click(screen.getAllByRole("button", { name: "Dates …" })[0]!);
  const first = await screen.findByLabelText("First day");
  await userEvent.clear(first);
  await userEvent.type(first, "2026-11-25");
  await userEvent.click(screen.getByRole("button", { name: "Show these days" }));
  expect(first).toHaveAccessibleDescription("The first day is after the last, 20 Nov.");
  expect(router.state.location.search).toEqual({ start: "2026-11-01", end: "2026-11-20" });
  await userEvent.clear(first);
  await userEvent.type(first, "2026-11-10");
  await userEvent.click(screen.getByRole("button", { name: "Show these days" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ start: "2026-11-10", end: "2026-11-20" }));
});

test("further records are added below, and a job that is not known is named by its id", async () => {
  const whole = costsOf(new URLSearchParams("period=month"), false);
  server.use(
    http.get("*/api/costs", ({ request }) => {
      const isSecond = new URL(request.url).searchParams.get("cursor") === "next";
      const records = isSecond ? whole.records.slice(3) : whole.records.slice(0, 3);
      return HttpResponse.json({ success: true, data: { ...whole, records, cursor: isSecond ? null : "next" } });
    }),
  );
  renderAt("/costs");
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByRole("link", { name: "Job 01a1f7c4…" })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Claims desk replies – balanced" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Show more" })).not.toBeInTheDocument();
});
