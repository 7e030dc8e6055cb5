import { api, told } from "@/lib/api/client";
import type { Answer, Body } from "@/lib/api/types";

export type NewDataset = Body<"/api/datasets", "post">;
export type Created = Answer<"/api/datasets", "post">;
export type Offer = Created["upload"];

/** Declares a file; the answer says where its bytes go. */
export const createDataset = (declared: NewDataset): Promise<Created> => told(api.POST("/api/datasets", { body: declared }));
