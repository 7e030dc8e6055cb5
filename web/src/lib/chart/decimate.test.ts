import { expect, test } from "vitest";
import { decimated, pathOf, smoothed } from "./decimate";

const many = Array.from({ length: 50_000 }, (_, x) => ({ x, y: x === 31_337 ? 99 : Math.sin(x / 500) }));

test("fifty thousand points become a few per pixel, and a single spike stays", () => {
  const drawn = decimated(many, (x) => (x / 50_000) * 1000);
  expect(drawn.length).toBeLessThanOrEqual(4 * 1001);
  expect(drawn).toContainEqual({ x: 31_337, y: 99 });
  expect([drawn[0], drawn.at(-1)]).toEqual([many[0], many.at(-1)]);
});

test("few points are all drawn", () => {
  const few = many.slice(0, 300);
  expect(decimated(few, (x) => x)).toEqual(few);
});

test("a path has a point for each point", () => {
  expect(pathOf([{ x: 0, y: 1 }, { x: 2, y: 3 }], (x) => x * 10, (y) => y)).toBe("M0.0 1.0L20.0 3.0");
});

test("smoothing begins at the first value and keeps every step", () => {
  expect(smoothed([{ x: 1, y: 2 }, { x: 2, y: 4 }], 0.5)).toEqual([{ x: 1, y: 2 }, { x: 2, y: 3 }]);
});
