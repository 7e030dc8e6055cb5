import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

export type DownloadLinks = Answer<"/api/models/{model_id}/download", "post">;

/** A link for an hour to each of these files. */
export const signDownloads = (id: string, files: string[]): Promise<DownloadLinks> =>
  told(api.POST("/api/models/{model_id}/download", { params: { path: { model_id: id } }, body: { files } }));
