import { http } from "msw";
import { data, paged, tally } from "../answer";
import { JOBS } from "../fixtures/jobs";
import { scenario } from "../scenario";

const all = () => (scenario("empty") ? [] : JOBS);

export const jobs = [
  http.get("*/api/jobs", ({ request }) => {
    const url = new URL(request.url);
    const status = url.searchParams.get("status");
    const { rows, pagination } = paged(all().filter((one) => !status || one.status === status), url);
    return data({ jobs: rows, pagination, counts: tally(all()) });
  }),
];
