import { http } from "msw";
import type { Budget } from "@/features/account/api/getLimits";
import { data } from "../answer";
import { scenario } from "../scenario";

const limits = (): Budget => ({
  month: "2026-11",
  monthly_limit: 100,
  spent: scenario("empty") ? 0 : 41.85,
  committed: scenario("empty") ? 0 : 27.29,
  remaining: scenario("empty") ? 100 : 30.86,
  warn_at_percent: [80, 100],
});

export const account = [
  http.get("*/api/limits", () => data(limits())),
  http.get("*/api/me", () => data({ email: "jo@example.com", user_id: "u-1", groups: ["admin"] })),
];
