import { api, told } from "@/lib/api/client";
import type { Body } from "@/lib/api/types";

type CatalogDocument = Body<"/api/admin/catalog", "put">["document"];

/** Lets another catalogue hold within a minute; checked as a whole before. */
export const pushCatalog = (document: CatalogDocument) => told(api.PUT("/api/admin/catalog", { body: { document } }));
