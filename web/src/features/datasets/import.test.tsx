import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderAt } from "@/test/render";

test("a training file becomes a dataset, and its page opens", async () => {
  const { router } = renderAt("/datasets/import");
  await userEvent.click(await screen.findByRole("button", { name: "Import “Returns desk, October”" }));
  await waitFor(() => expect(router.state.location.pathname).toMatch(/^\/datasets\/ds-/));
});

test("what is a dataset already is led to, and a file that has not arrived cannot be imported", async () => {
  renderAt("/datasets/import");
  await userEvent.click(await screen.findByRole("button", { name: "Import “Claims desk, summer”" }));
  expect(await screen.findByRole("link", { name: "Open it" })).toHaveAttribute("href", "/datasets/ds-claims");
  expect(screen.queryByRole("button", { name: "Import “Phone notes”" })).not.toBeInTheDocument();
});
