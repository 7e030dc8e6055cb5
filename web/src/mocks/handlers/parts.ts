import type { Offer } from "@/features/datasets/api/createDataset";

/** The part at which the connection breaks until the page is loaded anew. */
export const BREAKS_AT = 3;
const PARTS = 4;
const [KEPT, LOADED, SIZE] = ["brightrun.mock.arrived", "brightrun.mock.loaded", "brightrun.mock.size"];

const kept = (): number[] => JSON.parse(window.sessionStorage.getItem(KEPT) ?? "[]") as number[];

/** Storage keeps what has arrived, whatever becomes of the page. */
export function arrive(number: number): void {
  window.sessionStorage.setItem(KEPT, JSON.stringify([...kept(), number]));
  window.sessionStorage.setItem(LOADED, String(window.sessionStorage.getItem(LOADED) ?? performance.timeOrigin));
}

/** Whether the page was loaded again since the first part arrived. */
export const isBackAgain = (): boolean => window.sessionStorage.getItem(LOADED) !== String(performance.timeOrigin);

/** How large the file is said to be. */
export const declare = (size: number): void => window.sessionStorage.setItem(SIZE, String(size));
export const declaredSize = (): number => Number(window.sessionStorage.getItem(SIZE));

/** What has not arrived yet of a file that goes up in four parts. */
export function partsOffered(): Offer {
  const size = declaredSize();
  const each = Math.ceil(size / PARTS);
  const missing = Array.from({ length: PARTS }, (_, at) => at + 1).filter((number) => !kept().includes(number));
  return {
    part_size_bytes: each,
    expires_in_seconds: 3600,
    parts: missing.map((number) => ({ number, size_bytes: Math.min(each, size - (number - 1) * each), url: `https://storage.example/part/${number}` })),
  };
}
