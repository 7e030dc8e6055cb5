import { api, told } from "@/lib/api/client";
import type { Answer } from "@/lib/api/types";

/** Makes a dataset of a training file; it is validated like an uploaded one. */
export const importDataset = (id: string): Promise<Answer<"/api/datasets/import-from-training-file", "post">> =>
  told(api.POST("/api/datasets/import-from-training-file", { body: { training_file_id: id } }));
