import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import { changesBetween, documentOf } from "./changes";

test("rows of a list are told apart by what they are, not by where they stand", () => {
  const [h100, a100] = [{ type: "H100", memory_gb: 80 }, { type: "A100", memory_gb: 40 }];
  expect(changesBetween({ gpus: [h100, a100] }, { gpus: [a100, h100] })).toEqual([]);
  expect(changesBetween({ gpus: [h100, a100] }, { gpus: [{ ...a100, memory_gb: 41 }, h100] })).toEqual([{ place: "gpus · A100 · memory_gb", before: "40", after: "41" }]);
  expect(changesBetween({ gpus: [h100] }, { gpus: [] }).map(({ place, after }) => [place, after])).toEqual([["gpus · H100 · memory_gb", undefined], ["gpus · H100 · type", undefined]]);
});

test("what is no catalogue is said before anything is sent", () => {
  expect(documentOf("{")).toHaveProperty("wrong");
  expect(documentOf("[]")).toEqual({ wrong: "A catalogue is a JSON object." });
  expect(documentOf('{"gpus": []}')).toEqual({ document: { gpus: [] } });
});

async function draft(change: (text: string) => string) {
  renderAt("/admin?tab=catalogue");
  await userEvent.click(await screen.findByRole("button", { name: "Push another …" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "The catalogue, as JSON" });
  const text = change(field.value);
  await userEvent.clear(field);
  await userEvent.click(field);
  await userEvent.paste(text);
  await userEvent.click(screen.getByRole("button", { name: "Push it" }));
  await userEvent.click(within(await screen.findByRole("alertdialog", { name: "Push this catalogue?" })).getByRole("button", { name: "Push it" }));
}

test("what is pushed is shown as changes first, and then sent whole", async () => {
  const sent: unknown[] = [];
  server.use(
    http.put("*/api/admin/catalog", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ error: "the catalogue cannot be offered", code: "invalid_request", details: { "document.gpus.0.memory_gb": ["Input should be at least 1"] } }, { status: 400 });
    }),
  );
  await draft((text) => text.replace('"memory_gb": 80', '"memory_gb": 0'));
  expect(await screen.findByText("document.gpus.0.memory_gb")).toBeInTheDocument();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ document: { gpus: [{ memory_gb: 0 }, {}, {}, {}] } });
});
