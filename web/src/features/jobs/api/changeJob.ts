import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

type Change = Body<"/api/jobs/{job_id}", "patch">;

/** Another name or limit, also while it runs; `resume` has a paused job go on. */
export const changeJob = (id: string, change: Change) => told(api.PATCH("/api/jobs/{job_id}", { params: { path: { job_id: id } }, body: change }));
