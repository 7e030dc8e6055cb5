import type { ExportPart } from "./api/exportPart";

export type ExportedFile = ExportPart["files"][number];
export interface Gathered {
  /** One record a line. */
  lines: string[];
  files: ExportedFile[];
}

/** Everything, part by part until no cursor leads on; `told` hears how much has come. */
export async function gather(part: (cursor: string | null) => Promise<ExportPart>, told: (so_far: Gathered) => void): Promise<Gathered> {
  const all: Gathered = { lines: [], files: [] };
  let cursor: string | null = null;
  do {
    const one = await part(cursor);
    all.lines.push(...one.records.map((record) => JSON.stringify(record)));
    all.files.push(...one.files);
    cursor = one.cursor;
    told({ ...all });
  } while (cursor !== null);
  return all;
}

/** What `sh` reads to fetch each file to where it belongs. */
export const fetchScript = (files: ExportedFile[]): string =>
  `${["#!/bin/sh", "# The addresses hold for an hour.", "set -eu", ...files.map(({ path, url }) => `curl --fail --create-dirs --output ${quoted(below(path))} ${quoted(url)}`)].join("\n")}\n`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A path that stays below the folder where the script runs. */
const below = (path: string): string => path.split("/").filter((step) => step !== "" && step !== "." && step !== "..").join("/");
