import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { announce } from "@/lib/announce";
import { hasEnded } from "@/lib/polling";
import { jobStatusWord } from "@/lib/status";
import type { Job } from "./api/getJob";

/** A job that ends while it is looked at: said once, and what depends on it is asked for once. */
export function useAnnouncedEnd(job: Job): void {
  const client = useQueryClient();
  const before = useRef(job.status);
  useEffect(() => {
    if (before.current === job.status) return;
    const ended = !hasEnded(before.current) && hasEnded(job.status);
    before.current = job.status;
    if (!ended) return;
    announce(`${job.name}: ${jobStatusWord(job.status)}`);
    for (const key of ["limits", "notifications", "models"]) void client.invalidateQueries({ queryKey: [key] });
  }, [client, job.status, job.name]);
}
