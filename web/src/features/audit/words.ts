import type { AuditEntry } from "./api/listAudit";

const THINGS: Record<string, string> = {
  api_key: "API key",
  dataset: "Dataset",
  erasure: "Erasure",
  job: "Job",
  limits: "Monthly limit",
  model: "Model",
  notification_settings: "Ways of notification",
  training_file: "Training file",
  user: "Access",
};
const FEW = 3;

/** What happened, in a few words; a kind nobody knows keeps its own name. */
export function deedOf({ action, before, after }: Pick<AuditEntry, "action" | "before" | "after">): string {
  const [kind = "", verb = ""] = action.split(".");
  const thing = THINGS[kind] ?? kind;
  const set = (field: string) => field in after && !(field in before);
  if (kind === "user") return "disabled_at" in after ? "Shut out" : "Let in again";
  if (kind === "erasure") return set("withdrawn_at") ? "Erasing called off" : verb === "created" ? "Erasing asked for" : "Erasing changed";
  if (set("deleted_at")) return `${thing} deleted`;
  if (set("revoked_at")) return `${thing} revoked`;
  return `${thing} ${verb}`;
}

/** Who did it, as told to `reader`: the user whose things they are, or an administrator. */
export function actorOf({ actor, user_id }: Pick<AuditEntry, "actor" | "user_id">, reader: "owner" | "admin"): string {
  if (actor === user_id) return reader === "owner" ? "You" : "The user";
  return "An administrator";
}

interface Change {
  field: string;
  before: string | undefined;
  after: string | undefined;
}

/** The fields that changed: a few at once, the others folded away; of a new thing all are folded. */
export function changesOf({ before, after }: Pick<AuditEntry, "before" | "after">): { shown: Change[]; folded: Change[] } {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const all = fields.map((field) => ({ field, before: before[field], after: after[field] }));
  const few = Object.keys(before).length === 0 ? 0 : FEW;
  return all.length <= FEW ? { shown: all, folded: [] } : { shown: all.slice(0, few), folded: all.slice(few) };
}

/** The page of a thing, for its owner. */
export function pageOf({ action, target, after }: Pick<AuditEntry, "action" | "target" | "after">): "/datasets/$id" | "/training/jobs/$id" | "/models/$id" | null {
  const kind = action.split(".")[0];
  if (target === "" || "deleted_at" in after) return null;
  if (kind === "dataset") return "/datasets/$id";
  if (kind === "job") return "/training/jobs/$id";
  return kind === "model" ? "/models/$id" : null;
}
