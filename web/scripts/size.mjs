// What a first visit loads, compressed, and whether that is within the promise. Charts load apart, with their page.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 200;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const html = readFileSync(`${dist}index.html`, "utf8");
const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
const kb = (path) => gzipSync(readFileSync(`${dist}${path}`)).length / 1000;
const row = (path) => `${kb(path).toFixed(1).padStart(8)} kB  ${path}`;

const later = readdirSync(`${dist}assets`)
  .filter((name) => name.endsWith(".js") && !first.includes(`assets/${name}`))
  .map((name) => `assets/${name}`);
const total = first.reduce((sum, path) => sum + kb(path), 0);
console.log(["first load", ...first.map(row), "later, with its page", ...later.map(row)].join("\n"));
console.log(`first load together: ${total.toFixed(1)} of ${LIMIT_KB} kB gzip`);
if (first.length === 0 || total > LIMIT_KB) process.exit(1);
