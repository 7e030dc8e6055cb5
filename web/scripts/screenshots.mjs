// Pictures of every page and state, from `npm run dev:mock`, into screenshots/ (ignored); and what axe finds on each.
// node scripts/screenshots.mjs [part of a name …]
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { PAGES } from "./pages.mjs";

const BASE = process.env.WEB_URL ?? "http://127.0.0.1:5173";
const NOW = new Date("2026-11-28T09:29:24Z");
const AXE = fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url));
const OUT = fileURLToPath(new URL("../screenshots/", import.meta.url));
const WIDTHS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const wanted = process.argv.slice(2);

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let serious = 0;

for (const page of PAGES.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))) {
  for (const [size, viewport] of Object.entries(WIDTHS)) {
    for (const theme of ["light", "dark"]) await take(page, size, viewport, theme);
  }
}
await browser.close();
process.exit(serious > 0 ? 1 : 0);

async function take(page, size, viewport, theme) {
  const context = await browser.newContext({ viewport, timezoneId: "UTC", colorScheme: theme, reducedMotion: "reduce" });
  const tab = await context.newPage();
  const name = `${page.name}-${size}-${theme}`;
  const said = [];
  tab.on("console", (message) => (["error", "warning"].includes(message.type()) ? said.push(message.text()) : null));
  tab.on("pageerror", (error) => said.push(String(error)));
  await tab.clock.setFixedTime(NOW);
  await tab.addInitScript(
    ([mock, key]) => {
      window.localStorage.setItem("brightrun.mock", mock);
      if (key) window.sessionStorage.setItem("brightrun.key", key);
    },
    [page.mock ?? "", page.signedOut ? "" : "brk_mock"],
  );
  await tab.goto(BASE + page.path);
  await tab.waitForSelector(page.ready ?? "h1");
  await tab.waitForTimeout(page.wait ?? 400);
  if (page.act) await page.act(tab);
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (page.full ?? true) {
    // the whole page as one screen, so that what is fixed to its foot stands at the foot
    const height = await tab.evaluate(() => document.documentElement.scrollHeight);
    await tab.setViewportSize({ width: viewport.width, height: Math.max(viewport.height, height) });
    await tab.waitForTimeout(100);
  }
  await tab.screenshot({ path: `${OUT}${name}.png` });
  await tab.addScriptTag({ path: AXE });
  const { violations } = await tab.evaluate(() => window.axe.run(document));
  const found = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  serious += found.length;
  const lines = violations.map((one) => `  axe ${one.impact}: ${one.id} (${one.nodes.length}) ${one.nodes[0].target} ${one.nodes[0].failureSummary?.split("\n")[1] ?? ""}`);
  if (wide > 0) lines.push(`  scrolls sideways by ${wide} px`);
  console.log([`${name}`, ...lines, ...said.map((text) => `  console: ${text.slice(0, 200)}`)].join("\n"));
  await context.close();
}
