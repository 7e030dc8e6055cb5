import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const NAME = "mockServiceWorker.js";

/** Gives the mocked pages MSW's service worker out of its package, so that no copy of it is kept or shipped. */
export function mockWorker(): Plugin {
  const file = createRequire(import.meta.url).resolve(`msw/${NAME}`);
  let serving = false;
  return {
    name: "mock-worker",
    configResolved: (config) => {
      serving = config.command === "serve";
    },
    buildStart() {
      if (!serving) this.emitFile({ type: "asset", fileName: NAME, source: readFileSync(file) });
    },
    configureServer(server) {
      server.middlewares.use(`/${NAME}`, (_request, response) => {
        response.setHeader("content-type", "text/javascript");
        response.end(readFileSync(file));
      });
    },
  };
}
