import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { mockWorker } from "./build/mock-worker";
import { themeScript } from "./build/theme-script";

const API = process.env.BRIGHTRUN_API ?? "http://127.0.0.1:8700";
const SERVED_BY_API = ["/api", "/docs", "/openapi.json"];

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), themeScript(), ...(mode === "mock" ? [mockWorker()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    proxy: mode === "mock" ? {} : Object.fromEntries(SERVED_BY_API.map((path) => [path, { target: API }])),
  },
  build: {
    // what the pictures are taken of stands beside what is shipped, never in its place
    outDir: mode === "mock" ? "dist-mock" : "dist",
    target: "es2022",
    // every file has an address of its own: a data: address would need a looser Content-Security-Policy
    assetsInlineLimit: 0,
    // a font keeps its name: the API's own page (functions/api/reference/page.css) takes it from here
    rolldownOptions: {
      output: { assetFileNames: ({ names }) => (names.some((name) => name.endsWith(".woff2")) ? "assets/[name][extname]" : "assets/[name]-[hash][extname]") },
    },
    modulePreload: { polyfill: false },
  },
}));
