import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

export type ModelEdit = Body<"/api/models/{model_id}", "patch">;

/** A new name, another status, or both; answers the model as it then is. */
export const editModel = (id: string, body: ModelEdit) =>
  told(api.PATCH("/api/models/{model_id}", { params: { path: { model_id: id } }, body }));
