import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { MODEL_DETAILS } from "@/mocks/fixtures/model-details";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

const model = MODEL_DETAILS[0]!;

test("only the files that are ticked are asked for, and each link is listed once more", async () => {
  const asked: string[][] = [];
  server.use(
    http.post("*/api/models/:id/download", async ({ request }) => {
      const { files } = (await request.json()) as { files: string[] };
      asked.push(files);
      const download_urls = Object.fromEntries(files.map((name) => [name, `#${name}`]));
      return HttpResponse.json({ success: true, data: { model_id: model.id, model_name: model.name, download_urls, expires_at: "2026-11-28T10:29:00Z", expires_in_seconds: 3600 } });
    }),
  );
  renderAt("/models/model-claims");
  await userEvent.click(await screen.findByRole("checkbox", { name: "All files" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "README.md" }));
  await userEvent.click(screen.getByRole("button", { name: "Download 1 selected · 1.4 kB" }));
  expect(await screen.findByRole("link", { name: "README.md" })).toHaveAttribute("href", "#README.md");
  expect(asked).toEqual([["README.md"]]);
});

test("a refused move is said in the API's words and the status stays", async () => {
  server.use(http.patch("*/api/models/:id", () => HttpResponse.json({ error: "the model has moved on", code: "invalid_transition" }, { status: 409 })));
  renderAt("/models/model-claims");
  const [move] = await screen.findAllByRole("button", { name: "Move to testing" });
  await userEvent.click(move!);
  expect(await screen.findByRole("alert")).toHaveTextContent("the model has moved on");
  expect(screen.getByText("Stored")).toBeInTheDocument();
});

test("renaming keeps what was typed when it is refused, and Escape leaves the old name", async () => {
  server.use(http.patch("*/api/models/:id", () => HttpResponse.json({ error: "name: too long", code: "invalid_request" }, { status: 400 })));
  renderAt("/models/model-claims");
  await userEvent.click((await screen.findAllByRole("button", { name: "Rename" }))[0]!);
  const field = screen.getByRole("textbox", { name: "Name of the model" });
  await userEvent.clear(field);
  await userEvent.type(field, "Another name{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("name: too long");
  expect(field).toHaveValue("Another name");
  await userEvent.type(field, "{Escape}");
  expect(screen.getByRole("heading", { level: 1, name: model.name })).toBeVisible();
});

test("deleting asks first, with the focus on the harmless button, and then goes to the list", async () => {
  const { router } = renderAt("/models/model-claims");
  await userEvent.click((await screen.findAllByRole("button", { name: "More" }))[0]!);
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Delete this model?" });
  await waitFor(() => expect(within(dialog).getByRole("button", { name: "Keep it" })).toHaveFocus());
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete model" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/models"));
});

test("a model that is not there is said to be missing", async () => {
  renderAt("/models/none");
  expect(await screen.findByRole("heading", { name: "There is no such model." })).toBeInTheDocument();
});
