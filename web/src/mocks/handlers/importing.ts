import { http } from "msw";
import type { TrainingFile } from "@/features/datasets/api/listImportable";
import { data, refused } from "../answer";
import { DATASETS } from "../fixtures/datasets";
import { scenario } from "../scenario";

const file = (over: Partial<TrainingFile>): TrainingFile => ({
  id: "file-returns",
  name: "Returns desk, October",
  description: "Answers about returns that two people agreed on.",
  jsonl: { key: "key", file_name: "returns.jsonl", file_size: 1_840_000, sha256: null },
  json_file: null,
  conversation_count: 412,
  total_training_pairs: 1236,
  quality_scores: { coherence: 0.93, empathy: 0.88 },
  status: "available",
  dataset_id: null,
  uploaded: true,
  created_at: "2026-11-25T09:00:00Z",
  ...over,
});

const FILES: TrainingFile[] = [
  file({}),
  file({ id: "file-known", name: "Claims desk, summer", description: null, conversation_count: 1203, total_training_pairs: 4980, quality_scores: {}, created_at: "2026-11-18T09:00:00Z" }),
  file({ id: "file-late", name: "Phone notes", description: "Transcripts of calls, shortened.", status: "uploading", uploaded: false, created_at: "2026-11-27T15:00:00Z" }),
];

export const importing = [
  http.get("*/api/training-files/available-for-import", () => data({ training_files: scenario("empty") ? [] : FILES, cursor: null })),
  http.post("*/api/datasets/import-from-training-file", async ({ request }) => {
    const { training_file_id: id } = (await request.json()) as { training_file_id: string };
    if (id === "file-known") return refused(409, "already_exists", "this training file is a dataset already", { existing_id: "ds-claims" });
    return data({ dataset: DATASETS[0] ?? {} }, 201);
  }),
];
