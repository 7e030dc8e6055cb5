import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("../src/theme.js", import.meta.url));

/** Puts src/theme.js into the head as a blocking script with a hashed name, so that it may be cached for ever. */
export function themeScript(): Plugin {
  let serving = false;
  let emitted = "";
  return {
    name: "theme-script",
    configResolved: (config) => {
      serving = config.command === "serve";
    },
    buildStart() {
      if (!serving) {
        emitted = this.emitFile({ type: "asset", name: "theme.js", source: readFileSync(SOURCE) });
      }
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const file = serving ? "src/theme.js" : themeFile(context.bundle);
        return [{ tag: "script", attrs: { src: `/${file}` }, injectTo: "head-prepend" }];
      },
    },
  };

  function themeFile(bundle: Record<string, { fileName: string }> | undefined): string {
    const found = Object.values(bundle ?? {}).find((file) => /theme-[^/]+\.js$/.test(file.fileName));
    if (!found || !emitted) throw new Error("the theme script was not emitted");
    return found.fileName;
  }
}
