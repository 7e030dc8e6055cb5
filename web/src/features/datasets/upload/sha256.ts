const LARGEST = 64 * 1024 ** 2;

/** The SHA-256 of a file that goes up in one piece; null for a larger one, whose parts are checked by storage. */
export function sha256(file: File): Promise<string | null> {
  if (file.size > LARGEST || typeof Worker === "undefined") return Promise.resolve(null);
  const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
  return new Promise<string | null>((done) => {
    worker.onmessage = (event: MessageEvent<string>) => done(event.data);
    worker.onerror = () => done(null);
    worker.postMessage(file);
  }).finally(() => worker.terminate());
}
