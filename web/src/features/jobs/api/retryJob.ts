import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

type Order = Body<"/api/jobs/{job_id}/retry", "post">;

/** The same key and order answer the same job, however often it is asked. */
export const retryJob = (id: string, order: Order, key: string) =>
  told(api.POST("/api/jobs/{job_id}/retry", { params: { path: { job_id: id }, header: { "idempotency-key": key } }, body: order }));
