import { expect, test } from "vitest";
import { freePlace, roomOf, type Place } from "./labels";

const at = (x: number, y: number): Place => ({ x, y, width: 40, height: 16 });
const rising = [{ x: 0, y: 100 }, { x: 200, y: 0 }];

test("the first place that nothing crosses is taken", () => {
  expect(freePlace([at(80, 42), at(80, 0), at(0, 0)], [rising], [])).toEqual(at(80, 0));
});

test("a line that passes through without a point inside still crosses", () => {
  expect(freePlace([at(80, 42), at(150, 80)], [rising], [])).toEqual(at(150, 80));
});

test("a level and an upright line are seen, and beside them is free", () => {
  const level = [{ x: 0, y: 50 }, { x: 200, y: 50 }];
  const upright = [{ x: 100, y: 0 }, { x: 100, y: 100 }];
  expect(freePlace([at(10, 42), at(10, 10)], [level], [])).toEqual(at(10, 10));
  expect(freePlace([at(80, 10), at(110, 10)], [upright], [])).toEqual(at(110, 10));
});

test("another label is worse than any number of lines", () => {
  const lines = Array.from({ length: 9 }, () => rising);
  expect(freePlace([at(0, 0), at(80, 42)], lines, [at(20, 4)])).toEqual(at(80, 42));
});

test("where nothing is free, the place with the fewest crossings is better than none", () => {
  expect(freePlace([at(80, 42)], [rising], [])).toEqual(at(80, 42));
  expect(freePlace([], [rising], [])).toBeUndefined();
});

test("longer words take more room", () => {
  expect(roomOf("Base model 2.20").width).toBeGreaterThan(roomOf("Base").width);
});
