import { expect, test } from "vitest";
import { actorOf, changesOf, deedOf, pageOf } from "./words";

const entry = (action: string, before: Record<string, string> = {}, after: Record<string, string> = {}) => ({ action, before, after });

test.each([
  [entry("job.created"), "Job created"],
  [entry("dataset.changed", { name: "a" }, { name: "b" }), "Dataset changed"],
  [entry("dataset.changed", {}, { deleted_at: "2026-11-28" }), "Dataset deleted"],
  [entry("api_key.changed", {}, { revoked_at: "2026-11-28" }), "API key revoked"],
  [entry("user.created", {}, { disabled_at: "2026-11-28" }), "Shut out"],
  [entry("user.changed", { disabled_at: "2026-11-28" }, {}), "Let in again"],
  [entry("erasure.changed", {}, { withdrawn_at: "2026-11-28" }), "Erasing called off"],
  [entry("invented.changed"), "invented changed"],
])("%j is told as %s", (given, words) => {
  expect(deedOf(given)).toBe(words);
});

test("whoever reads their own trail is you, and an administrator is never passed off as the user", () => {
  const own = { actor: "ada", user_id: "ada" };
  expect(actorOf(own, "owner")).toBe("You");
  expect(actorOf(own, "admin")).toBe("The user");
  expect(actorOf({ actor: "root", user_id: "ada" }, "owner")).toBe("An administrator");
});

test("of a change three fields are shown and the rest is folded; a new thing is folded whole", () => {
  const many = { a: "1", b: "2", c: "3", d: "4" };
  expect(changesOf({ before: many, after: {} }).shown).toHaveLength(3);
  expect(changesOf({ before: many, after: {} }).folded).toEqual([{ field: "d", before: "4", after: undefined }]);
  expect(changesOf({ before: {}, after: many }).shown).toEqual([]);
});

test("what has a page is led to, and nothing else", () => {
  expect(pageOf({ action: "job.created", target: "j", after: {} })).toBe("/training/jobs/$id");
  expect(pageOf({ action: "limits.changed", target: "u", after: {} })).toBeNull();
  expect(pageOf({ action: "dataset.changed", target: "", after: {} })).toBeNull();
  expect(pageOf({ action: "dataset.changed", target: "d", after: { deleted_at: "2026-11-28" } })).toBeNull();
});
