import { http, HttpResponse } from "msw";
import { data, refused } from "../answer";
import { costsOf } from "../fixtures/costs";
import { scenario } from "../scenario";

export const costs = [
  http.get("*/api/costs", ({ request }) => {
    const asked = new URL(request.url).searchParams;
    const answer = costsOf(asked, scenario("empty"));
    if (answer.start_date > answer.end_date) {
      return refused(400, "invalid_request", `end_date: is before start_date ${answer.start_date}`, { end_date: [`is before start_date ${answer.start_date}`] });
    }
    if (asked.get("format") === "csv") return HttpResponse.text("recorded_at,job_id,amount\n");
    return data(answer);
  }),
];
