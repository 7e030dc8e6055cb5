import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

type DatasetEdit = Body<"/api/datasets/{dataset_id}", "patch">;

/** Corrects the name or the description; jobs and models keep the name they were made under. */
export const editDataset = (id: string, body: DatasetEdit) => told(api.PATCH("/api/datasets/{dataset_id}", { params: { path: { dataset_id: id } }, body }));
