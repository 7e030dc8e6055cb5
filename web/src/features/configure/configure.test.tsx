import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, test, vi } from "vitest";
import type { Order } from "@/features/jobs/api/getEstimate";
import { estimatesOf } from "@/mocks/fixtures/estimate";
import { CATALOG } from "@/mocks/fixtures/catalog";
import { JOBS } from "@/mocks/fixtures/jobs";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import { adviceOf } from "./Advice";
import { formOf, freshForm, orderOf, proposedLimit, withGpu, withSetting } from "./form";
import { valueAt } from "./SettingSlider";

const PAGE = "/training/configure?dataset=ds-claims";
let asked: Order[] = [];

beforeEach(() => {
  asked = [];
  server.use(
    http.post("*/api/jobs/estimate", async ({ request }) => {
      const order = (await request.json()) as Order;
      asked.push(order);
      return HttpResponse.json({ success: true, data: estimatesOf(order) });
    }),
  );
});

/** The one beside the price; the other is the bar at the foot of a phone. */
const start = async () => (await screen.findAllByRole("button", { name: /^Start training · about \$/ }))[0]!;

test("several quick changes are one question for every card, asked after they rest", async () => {
  renderAt(PAGE);
  await start();
  asked = [];

  const more = screen.getByRole("button", { name: "One GPU more" });
  for (let n = 0; n < 4; n += 1) fireEvent.click(more);

  const button = await start();
  await waitFor(() => expect(button).toBeEnabled());
  expect(asked.map((order) => order.gpu_config.count)).toEqual([6]);
  expect(asked[0]?.variants).toHaveLength(CATALOG.presets.length - 1 + CATALOG.gpu_types.length - 1);
});

test("the button carries the price, and nothing can be started while the price is not of this order", async () => {
  renderAt(PAGE);
  const button = await start();
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(screen.getByRole("button", { name: "One GPU more" }));
  expect(button).toBeDisabled();
});

test("a price that cannot be had is said, and nothing can be started", async () => {
  server.use(http.post("*/api/jobs/estimate", () => HttpResponse.json({ error: "no", code: "accident" }, { status: 500 })));
  renderAt(PAGE);
  expect(await screen.findByText("The price could not be loaded.")).toBeVisible();
  expect(screen.getAllByRole("button", { name: "Start training" })[0]).toBeDisabled();
});

test("a double click starts one job, with the limit that was filled in and one key", async () => {
  const keys: (string | null)[] = [];
  const orders: { max_cost?: number }[] = [];
  server.use(
    http.post("*/api/jobs", async ({ request }) => {
      keys.push(request.headers.get("idempotency-key"));
      orders.push((await request.json()) as { max_cost?: number });
      return HttpResponse.json({ success: true, data: JOBS[0] }, { status: 201 });
    }),
  );
  const { router } = renderAt(PAGE);
  const button = await start();
  await waitFor(() => expect(button).toBeEnabled());

  await userEvent.dblClick(button);

  await waitFor(() => expect(router.state.location.pathname).toBe("/training/jobs/job-waiting"));
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect(orders[0]?.max_cost).toBeGreaterThan(0);
});

test("an answer that is lost is asked for again with the same key, so that one job is started", async () => {
  const keys: (string | null)[] = [];
  server.use(
    http.post("*/api/jobs", ({ request }) => {
      keys.push(request.headers.get("idempotency-key"));
      return keys.length === 1 ? HttpResponse.error() : HttpResponse.json({ success: true, data: JOBS[0] }, { status: 201 });
    }),
  );
  const { router } = renderAt(PAGE);
  const button = await start();
  await waitFor(() => expect(button).toBeEnabled());
  await userEvent.click(button);
  await screen.findAllByText(/cannot be reached/);
  await userEvent.click(await start());

  await waitFor(() => expect(router.state.location.pathname).toBe("/training/jobs/job-waiting"));
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test("an older price that comes late never overwrites a newer one", async () => {
  let release = (): void => undefined;
  const late = new Promise<void>((done) => (release = done));
  server.use(
    http.post("*/api/jobs/estimate", async ({ request }) => {
      const order = (await request.json()) as Order;
      asked.push(order);
      if (order.gpu_config.count === 3) await late;
      return HttpResponse.json({ success: true, data: estimatesOf(order) });
    }),
  );
  renderAt(PAGE);
  const button = await start();
  const more = screen.getByRole("button", { name: "One GPU more" });
  await waitFor(() => expect(button).toBeEnabled());
  fireEvent.click(more);
  await waitFor(() => expect(asked.at(-1)?.gpu_config.count).toBe(3));
  fireEvent.click(more);
  await waitFor(() => expect(asked.at(-1)?.gpu_config.count).toBe(4));
  await waitFor(() => expect(button).toBeEnabled());
  const newest = button.textContent;
  release();
  await new Promise((done) => window.setTimeout(done, 200));

  expect(button).toHaveTextContent(newest);
  expect(button).toBeEnabled();
});

test("a limit above what is free this month is said, and nothing can be started", async () => {
  renderAt(PAGE);
  const button = await start();
  const field = screen.getByLabelText("Stop before it costs more than");
  await userEvent.clear(field);
  await userEvent.type(field, "50");
  expect(screen.getByText(/Only \$30.86 of \$100.00 are free/)).toBeVisible();
  expect(button).toBeDisabled();
});

test("an emptied limit says what it could cost", async () => {
  renderAt(PAGE);
  await start();
  await userEvent.clear(screen.getByLabelText("Stop before it costs more than"));
  expect(screen.getByText(/^Without a limit it could cost up to/)).toBeVisible();
});

test("alpha follows the rank until it is edited", () => {
  const form = freshForm(CATALOG, "ds-claims");
  expect(withSetting(form, "rank", 24).settings.alpha).toBe(48);
  expect(withSetting(withSetting(form, "alpha", 10), "rank", 24).settings.alpha).toBe(10);
});

test("an unedited preset is sent by its name alone, an edited one with its settings", () => {
  const form = freshForm(CATALOG, "ds-claims");
  expect(orderOf(form, CATALOG)).not.toHaveProperty("hyperparameters");
  expect(orderOf(withSetting(form, "epochs", 4), CATALOG)?.hyperparameters?.epochs).toBe(4);
  expect(orderOf(freshForm(CATALOG, undefined), CATALOG)).toBeNull();
});

test("the API's prices stand on the cards in the order they were asked for", async () => {
  renderAt(PAGE);
  await start();
  const order = orderOf(freshForm(CATALOG, "ds-claims"), CATALOG)!;
  const fast = estimatesOf({ ...order, preset_id: "fast" });
  expect(screen.getByRole("radio", { name: /^Fast/ })).toHaveTextContent(`$${fast.estimated_cost.toFixed(2)}`);
  const other = CATALOG.gpu_types.find((gpu) => gpu.type === "A100-40GB")!;
  const priced = estimatesOf({ ...order, gpu_config: { type: other.type, count: order.gpu_config.count } });
  expect(screen.getByRole("radio", { name: /A100 40/ })).toHaveTextContent(`$${priced.estimated_cost.toFixed(2)}`);
});

test("a job is repeated as it was", () => {
  const failed = JOBS.find((job) => job.id === "job-failed")!;
  expect(formOf(CATALOG, failed)).toMatchObject({ preset: "quality", gpuType: "A100-40GB", gpuCount: 2, datasetId: "ds-claims" });
});

test("the limit that is filled in is the API's, to ten cents, and what is left of the month where that still covers the estimate", () => {
  const price = (default_max_cost: number, high = 8) => ({ default_max_cost, cost_range: { low: 4, high } });
  expect([12.17, 12.2, 0.01].map((usual) => proposedLimit(price(usual), null))).toEqual([12.2, 12.2, 0.1]);
  expect(proposedLimit(price(16), 9.876)).toBe(9.87);
  expect(proposedLimit(price(16), 100)).toBe(16);
  expect(proposedLimit(price(16), 5)).toBe(16);
});

test("another type is named for while there is none of the chosen one, and none is an alternative to itself", async () => {
  renderAt(PAGE);
  await start();
  await userEvent.click(await screen.findByRole("button", { name: "H100" }));
  const form = { ...freshForm(CATALOG, "ds-claims"), alternatives: ["H100", "A100-40GB"] };
  expect(orderOf(form, CATALOG)?.gpu_config).toEqual({ type: "A100-80GB", count: 2, alternatives: ["H100", "A100-40GB"] });
  expect(withGpu(form, "H100").alternatives).toEqual(["A100-40GB"]);
  await waitFor(() => expect(asked.at(-1)?.gpu_config.alternatives).toEqual(["H100"]));
});

test("what speaks against a choice is said in the API's words, and that nothing will be proved", () => {
  const planned = { trained_rows: 40, held_out_rows: 4, held_out_conversations: 4, steps_per_epoch: 10, total_steps: 30, row_tokens: 90, verdict_possible: false };
  expect(adviceOf({ warnings: ["The last of 4 GPUs shortens the run by 6.1 %"], planned })).toEqual([
    "The last of 4 GPUs shortens the run by 6.1 %.",
    "Only 4 conversations are held out: too few to tell whether the model is better than its base.",
  ]);
  expect(adviceOf({ planned: { ...planned, verdict_possible: true } })).toEqual([]);
});

test("a slider gives values that people would write", () => {
  expect(valueAt(0.5, { low: 0.00001, high: 0.0002, step: 0, logarithmic: true })).toBe(0.000045);
  expect(valueAt(0.21, { low: 4, high: 64, step: 4 })).toBe(16);
});

vi.setConfig({ testTimeout: 60_000 });
