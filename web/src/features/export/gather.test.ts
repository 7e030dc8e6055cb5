import { expect, test } from "vitest";
import type { ExportPart } from "./api/exportPart";
import { fetchScript, gather } from "./gather";

const parts: Record<string, ExportPart> = {
  first: { records: [{ kind: "dataset", key: "1", record: { name: "a" } }], files: [{ path: "datasets/u/a.jsonl", url: "https://s/a" }], cursor: "second" },
  second: { records: [], files: [], cursor: "third" },
  third: { records: [{ kind: "job", key: "2", record: {} }], files: [], cursor: null },
};

test("every part is fetched, an empty one in between too, and each is told", async () => {
  const asked: (string | null)[] = [];
  const told: number[] = [];
  const all = await gather(
    (cursor) => {
      asked.push(cursor);
      return Promise.resolve(parts[cursor ?? "first"]!);
    },
    ({ lines }) => told.push(lines.length),
  );
  expect(asked).toEqual([null, "second", "third"]);
  expect(told).toEqual([1, 1, 2]);
  expect(all.lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(["dataset", "job"]);
  expect(all.files).toHaveLength(1);
});

test("the script fetches each file below its own folder, whatever the name holds", () => {
  const script = fetchScript([{ path: "../../x/it's; rm.jsonl", url: "https://s/a?b=1&c='" }]);
  expect(script).toContain(`--output 'x/it'\\''s; rm.jsonl' 'https://s/a?b=1&c='\\'''`);
  expect(script).not.toContain("..");
});
