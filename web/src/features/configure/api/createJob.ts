import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

type Order = Body<"/api/jobs", "post">;

/** The same key and order answer the same job: a lost answer or a double click starts one. */
export const createJob = (order: Order, key: string) =>
  told(api.POST("/api/jobs", { params: { header: { "idempotency-key": key } }, body: order }));
