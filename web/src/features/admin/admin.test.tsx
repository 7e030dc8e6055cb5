import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { describe, expect, test } from "vitest";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import { limitOf } from "./limit-field";
import { calibrationInWords, failureInWords, healthSentence, isOld, watchSentence } from "./words";

describe("words of the administration", () => {
  test("an estimate is calibrated with ten runs and four in five inside the range, not before", () => {
    expect(calibrationInWords({ runs: 23, coverage: 0.83 })).toEqual({ words: "inside the range in 83 % of runs", isCalibrated: true });
    expect(calibrationInWords({ runs: 9, coverage: 1 }).isCalibrated).toBe(false);
    expect(calibrationInWords({ runs: 23, coverage: 0.79 }).words).toBe("not calibrated: inside the range in 79 % of runs");
    expect(calibrationInWords({ runs: 0, coverage: null }).isCalibrated).toBe(false);
  });

  test("runs of nobody are counted, and a watchdog that never looked does not say all is well", () => {
    expect(watchSentence({ at: "2026-11-28T09:00:00Z", orphans: 0 })).toBe("No run belongs to nobody.");
    expect(watchSentence({ at: "2026-11-28T09:00:00Z", orphans: 2 })).toBe("2 runs belong to no job.");
    expect(watchSentence({ at: null, orphans: 0 })).toBe("The watchdog has not looked yet.");
    expect(isOld("2026-11-28T09:00:00Z", new Date("2026-11-28T09:09:59Z"))).toBe(false);
    expect(isOld("2026-11-28T09:00:00Z", new Date("2026-11-28T09:10:01Z"))).toBe(true);
  });

  test("what stands still is named", () => {
    const functions = { notifier: { last_run_at: null, broke_at: null, well: false }, watchdog: { last_run_at: "2026-11-28T09:00:00Z", broke_at: null, well: true } };
    const catalog = { version: 0, problem: null };
    const broken = { version: 1, problem: "version 2 cannot be read" };
    expect(healthSentence({ status: "degraded", stage: "s", unreadable: 0, provider_key_refused_at: null, table: true, bucket: true, functions: {}, catalog: broken })).toContain("version 2 cannot be read");
    expect(healthSentence({ status: "degraded", stage: "s", unreadable: 0, provider_key_refused_at: null, table: true, bucket: true, functions, catalog })).toBe("notifier stands still.");
    expect(healthSentence({ status: "degraded", stage: "s", unreadable: 0, provider_key_refused_at: null, table: true, bucket: false, functions, catalog })).toBe("The bucket does not answer.");
    expect(healthSentence({ status: "degraded", stage: "s", unreadable: 0, provider_key_refused_at: "2026-11-28T09:29:24Z", table: true, bucket: true, functions, catalog })).toBe("The GPU provider refuses the API key.");
  });

  test("a code nobody knows is not passed over", () => {
    expect(failureInWords("invented")).toContain("docs/errors.md");
  });
});

test.each([
  ["", null],
  ["0", 0],
  ["$1,250.50", 1250.5],
  ["-1", "Write an amount in dollars, or leave it empty."],
  ["much", "Write an amount in dollars, or leave it empty."],
  ["2000000", "At most $1,000,000."],
])("a limit written as %j is %j", (text, limit) => {
  expect(limitOf(text)).toBe(limit);
});

test("a user's limit is set from its row", async () => {
  const sent: unknown[] = [];
  server.events.on("request:start", ({ request }) => (request.method === "PUT" ? void request.clone().json().then((body) => sent.push(body)) : undefined));
  renderAt("/admin?tab=users");
  await userEvent.click(await screen.findByRole("button", { name: /^Limit of 5f0c8a52/ }));
  const field = await screen.findByRole("textbox", { name: "Monthly limit in dollars" });
  await userEvent.clear(field);
  await userEvent.type(field, "250{Enter}");
  await waitFor(() => expect(sent).toEqual([{ monthly_limit_usd: 250 }]));
  expect(await screen.findByText(/of \$250\.00/)).toBeInTheDocument();
});

test("who is no administrator is told so and nothing is asked for", async () => {
  const asked: string[] = [];
  server.events.on("request:start", ({ request }) => (request.url.includes("/api/admin/") ? void asked.push(request.url) : undefined));
  server.use(http.get("*/api/me", () => HttpResponse.json({ success: true, data: { email: "jo@example.com", user_id: "u", groups: [] } })));
  renderAt("/admin");
  expect(await screen.findByRole("alert")).toHaveTextContent("You may not see this.");
  expect(asked).toEqual([]);
});

test("a health answer that comes as 503 is shown, not taken for an error", async () => {
  server.use(http.get("*/api/health", () => HttpResponse.json({ success: true, data: { status: "degraded", stage: "prod", table: false, bucket: true, unreadable: 0, provider_key_refused_at: null, catalog: { version: 0, problem: null }, functions: {} } }, { status: 503 })));
  renderAt("/admin?tab=functions");
  expect(await screen.findByText("The table does not answer.")).toBeInTheDocument();
});
