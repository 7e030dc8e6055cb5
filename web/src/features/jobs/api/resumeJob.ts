import { api, told } from "@/lib/api/client";

export const resumeJob = (id: string) => told(api.POST("/api/jobs/{job_id}/resume", { params: { path: { job_id: id } } }));
