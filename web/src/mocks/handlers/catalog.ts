import { http } from "msw";
import { data } from "../answer";
import { CATALOG } from "../fixtures/catalog";

export const catalog = [http.get("*/api/catalog", () => data(CATALOG))];
