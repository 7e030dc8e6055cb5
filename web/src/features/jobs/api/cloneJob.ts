import { api, told } from "@/lib/api/client";

/** A new job with the choices of an earlier one; the same key answers the same job. */
export const cloneJob = (id: string, overrides: Record<string, unknown>, key: string) =>
  told(
    api.POST("/api/jobs/{job_id}/clone", { params: { path: { job_id: id }, header: { "idempotency-key": key } }, body: { overrides } }),
  );
