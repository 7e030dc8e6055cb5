import { expect, test } from "vitest";
import { decimated, pathOf, smoothed } from "./decimate";

const many = Array.from({ length: 50_000 }, (_, x) => ({ x, y: x === 31_337 ? 99 : Math.sin(x / 500) }));

test("fifty thousand points become a few per pixel, and a single spike stays", () => {
  const drawn = decimated(many, (x) => (x / 50_000) * 1000);
  expect(drawn.length).toBeLessThanOrEqual(4 * 1001);
  expect(drawn).toContainEqual({ x: 31_337, y: 99 });
  expect([drawn[0], drawn.at(-1)]).toEqual([many[0], many.at(-1)]);
});

test("a column of pixels keeps its first, lowest, highest and last point, in their order", () => {
  const column = [5, 7, 3, 9, 4].map((y, x) => ({ x, y }));
  const level = Array.from({ length: 3000 }, (_, at) => ({ x: 100 + at, y: 1 }));
  const drawn = decimated([...column, ...level], (x) => (x < 100 ? 0 : 1));
  expect(drawn.map(({ x, y }) => [x, y])).toEqual([[0, 5], [2, 3], [3, 9], [4, 4], [100, 1], [3099, 1]]);
});

test("few points are all drawn", () => {
  const few = many.slice(0, 300);
  expect(decimated(few, (x) => x)).toEqual(few);
});

test("a path has a point for each point", () => {
  expect(pathOf([{ x: 0, y: 1 }, { x: 2, y: 3 }], (x) => x * 10, (y) => y)).toBe("M0 1L20 3");
});

test("a path is written to tenths of a pixel", () => {
  expect(pathOf([{ x: 0.26, y: 1 / 3 }], (x) => x, (y) => y)).toBe("M0.3 0.3");
});

test("smoothing begins at the first value and keeps every step", () => {
  expect(smoothed([{ x: 1, y: 2 }, { x: 2, y: 4 }], 0.5)).toEqual([{ x: 1, y: 2 }, { x: 2, y: 3 }]);
});
