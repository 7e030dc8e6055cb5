import { screen, waitFor } from "@testing-library/react";
import { http } from "msw";
import { describe, expect, test } from "vitest";
import { data, tally } from "@/mocks/answer";
import { DATASETS } from "@/mocks/fixtures/datasets";
import { pageOf } from "@/mocks/fixtures/job-pages";
import { JOBS } from "@/mocks/fixtures/jobs";
import { MODEL_DETAILS } from "@/mocks/fixtures/model-details";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";
import described from "../../../docs/openapi.json?raw";

interface Schema {
  $ref?: string;
  type?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

const SCHEMAS = (JSON.parse(described) as { components: { schemas: Record<string, Schema> } }).components.schemas;
const whole = (schema: Schema): Schema => (schema.$ref ? (SCHEMAS[schema.$ref.split("/").at(-1) ?? ""] ?? {}) : schema);

/** The value with every field that its schema lets be null set to null, however deep; `kept` stay as they are. */
function emptied(value: unknown, told: Schema, kept: string[] = []): unknown {
  const schema = whole(told);
  if (Array.isArray(value)) return value.map((one) => emptied(one, schema.items ?? {}, kept));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, inner]) => {
    const of = whole(schema.properties?.[name] ?? {});
    const isNullable = of.anyOf?.some((one) => one.type === "null") ?? false;
    return [name, isNullable && !kept.includes(name) ? null : emptied(inner, of, kept)];
  });
  return Object.fromEntries(fields) as unknown;
}

const NONE = /\b(NaN|null|undefined|Infinity|Invalid Date)\b|\[object/;
const said = () => document.querySelector("body")?.textContent ?? "";

async function shown(path: string, sign: RegExp) {
  renderAt(path);
  await screen.findAllByText(sign);
  await waitFor(() => expect(document.querySelector("[aria-busy=true]")).toBeNull());
  expect(said()).not.toMatch(NONE);
}

test("the schemas say which fields may be null, so that none is left out here", () => {
  const job = emptied(JOBS[0], { $ref: "#/components/schemas/JobView" }) as Record<string, unknown>;
  expect(Object.values(job).filter((one) => one === null).length).toBeGreaterThan(15);
  expect(job.started_at).toBeNull();
});

describe("what is absent is a dash", () => {
  test.each(JOBS.map((job) => [job.id, job] as const))("on the page of %s", async (id, job) => {
    const page = emptied(pageOf(job), { $ref: "#/components/schemas/JobPage" });
    server.use(http.get("*/api/jobs/:id", () => data(page as object)));
    await shown(`/training/jobs/${id}`, /–/);
  });

  test("in the list of jobs and on the first page", async () => {
    const jobs = emptied(JOBS, { items: { $ref: "#/components/schemas/JobView" } }) as typeof JOBS;
    const pagination = { page: 1, limit: 10, total: jobs.length, totalPages: 1, cursor: null, complete: true };
    server.use(http.get("*/api/jobs", () => data({ jobs, pagination, counts: tally(jobs) })));
    await shown("/training/jobs", /–/);
  });

  test.each(DATASETS.map((one) => [one.id, one] as const))("on the page of %s", async (id, dataset) => {
    server.use(http.get("*/api/datasets/:id", () => data(emptied(dataset, { $ref: "#/components/schemas/DatasetDetail" }) as object)));
    await shown(`/datasets/${id}`, /File/);
  });

  test.each(MODEL_DETAILS.map((one) => [one.id, one] as const))("on the page of %s", async (id, model) => {
    const detail = emptied(model, { $ref: "#/components/schemas/ModelDetail" });
    server.use(http.get("*/api/models/:id", () => data(detail as object)));
    await shown(`/models/${id}`, /Nothing was held out/);
  });
});
