import { modelName } from "@/lib/format";
import { useCatalog } from "./api/getCatalog";

/** The catalogue's name of a base model; of one it does not know, what its id says. */
export function useModelName(): (id: string) => string {
  const models = useCatalog().data?.base_models;
  return (id) => models?.find((model) => model.id === id)?.name ?? modelName(id);
}
