import { api, told } from "@/lib/api/client";

export const cancelJob = (id: string) => told(api.POST("/api/jobs/{job_id}/cancel", { params: { path: { job_id: id } } }));
