import { http } from "msw";
import { data, paged, refused, tally } from "../answer";
import { DATASETS } from "../fixtures/datasets";
import { scenario } from "../scenario";

const all = () => (scenario("empty") ? [] : DATASETS);

export const datasets = [
  http.get("*/api/datasets", ({ request }) => {
    const url = new URL(request.url);
    const [status, search] = [url.searchParams.get("status"), url.searchParams.get("search")?.toLowerCase()];
    const found = all().filter((one) => (!status || one.status === status) && (!search || one.name.toLowerCase().includes(search)));
    const { rows, pagination } = paged(found, url);
    return data({ datasets: rows, pagination, counts: tally(all()) });
  }),
  http.get("*/api/datasets/:id", ({ params }) => {
    const found = all().find((one) => one.id === params.id);
    return found ? data(found) : refused(404, "dataset_not_found", "there is no such dataset");
  }),
];
