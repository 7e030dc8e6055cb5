// Makes src/lib/api/schema.d.ts of the API's own description. Nothing of the API's shapes is typed by hand.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const described = [at("../../docs/openapi.json"), at("../openapi.local.json")].find((path) => existsSync(path));
if (!described) {
  console.error("docs/openapi.json is missing: the API's tools write it.");
  process.exit(1);
}
const made = spawnSync(
  process.execPath,
  [
    at("../node_modules/openapi-typescript/bin/cli.js"),
    described,
    "-o",
    at("../src/lib/api/schema.d.ts"),
    "--default-non-nullable",
    "false",
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
process.exit(made.status ?? 1);
