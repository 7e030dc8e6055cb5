import type { XY } from "@/lib/chart/decimate";

/** A place for words in a chart, in pixels. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

const LETTER = 6.6;
const HEIGHT = 16;
/** So far a label keeps from a line, and from another label. */
const AIR = 3;

/** How much room words of the chart's one text size take. */
export const roomOf = (words: string): Pick<Place, "width" | "height"> => ({ width: words.length * LETTER, height: HEIGHT });

/** The first of the places that no line, each from left to right, crosses and no label covers; where there is none, the one least crossed. */
export function freePlace(places: Place[], lines: readonly (readonly XY[])[], taken: readonly Place[]): Place | undefined {
  let best: Place | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const wide = grown(place);
    const crossings = lines.reduce((sum, line) => sum + crossed(line, wide), 0) + taken.filter((other) => overlap(wide, other)).length * 1000;
    if (crossings === 0) return place;
    if (crossings < least) [best, least] = [place, crossings];
  }
  return best;
}

const grown = ({ x, y, width, height }: Place): Place => ({ x: x - AIR, y: y - AIR, width: width + 2 * AIR, height: height + 2 * AIR });

const overlap = (a: Place, b: Place): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** How many segments of a line meet a place; those beside it are not looked at. */
function crossed(line: readonly XY[], place: Place): number {
  let found = 0;
  for (let at = Math.max(1, firstFrom(line, place.x)); at < line.length; at += 1) {
    const [from, to] = [line[at - 1], line[at]];
    if (!from || !to || from.x > place.x + place.width) break;
    if (mayMeet(from, to, place) && meets(from, to, place)) found += 1;
  }
  return found;
}

/** Where a line, which goes from left to right, comes to `x`. */
function firstFrom(line: readonly XY[], x: number): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line[middle]?.x ?? x) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Most segments lie wholly above or below a place. */
const mayMeet = (from: XY, to: XY, { y, height }: Place): boolean =>
  (from.y >= y || to.y >= y) && (from.y <= y + height || to.y <= y + height);

/** Whether a segment meets a rectangle: what is left of it after cutting at each side in turn. */
function meets(from: XY, to: XY, { x, y, width, height }: Place): boolean {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const sides: [number, number][] = [
    [-dx, from.x - x],
    [dx, x + width - from.x],
    [-dy, from.y - y],
    [dy, y + height - from.y],
  ];
  let [enters, leaves] = [0, 1];
  for (const [slope, room] of sides) {
    if (slope === 0 && room < 0) return false;
    if (slope < 0) enters = Math.max(enters, room / slope);
    if (slope > 0) leaves = Math.min(leaves, room / slope);
  }
  return enters <= leaves;
}
