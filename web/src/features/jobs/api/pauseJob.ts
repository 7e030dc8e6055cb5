import { api, told } from "@/lib/api/client";

export const pauseJob = (id: string) => told(api.POST("/api/jobs/{job_id}/pause", { params: { path: { job_id: id } } }));
