import { http } from "msw";
import { data, paged, tally } from "../answer";
import { MODELS } from "../fixtures/models";
import { scenario } from "../scenario";

const all = () => (scenario("empty") ? [] : MODELS);

export const models = [
  http.get("*/api/models", ({ request }) => {
    const { rows, pagination } = paged(all(), new URL(request.url), 12);
    return data({ models: rows, pagination, counts: tally(all()) });
  }),
];
