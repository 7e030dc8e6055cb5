export interface XY {
  x: number;
  y: number;
}

/** So few are drawn as they are. */
const FEW = 2000;

/** At most the first, lowest, highest and last point of each pixel column: the drawn line is the same, however many points there are. */
export function decimated(points: readonly XY[], toPixel: (x: number) => number): XY[] {
  const [start] = points;
  if (!start || points.length < FEW) return [...points];
  const kept: XY[] = [];
  let [first, low, high, last] = [start, start, start, start];
  let at = Math.round(toPixel(start.x));
  for (const point of points) {
    const pixel = Math.round(toPixel(point.x));
    if (pixel === at) {
      if (point.y < low.y) low = point;
      if (point.y > high.y) high = point;
    } else {
      keep(kept, first, low, high, last);
      [first, low, high, at] = [point, point, point, pixel];
    }
    last = point;
  }
  keep(kept, first, low, high, last);
  return kept;
}

/** The points of one column in their order, each once. */
function keep(kept: XY[], first: XY, low: XY, high: XY, last: XY): void {
  kept.push(first);
  const [sooner, later] = low.x <= high.x ? [low, high] : [high, low];
  if (sooner !== first) kept.push(sooner);
  if (later !== first && later !== sooner) kept.push(later);
  if (last !== first && last !== sooner && last !== later) kept.push(last);
}

/** An SVG path through points; one place more would be less than a pixel shows. */
export function pathOf(points: readonly XY[], x: (value: number) => number, y: (value: number) => number): string {
  let path = "";
  for (const point of points) path += `${path ? "L" : "M"}${tenths(x(point.x))} ${tenths(y(point.y))}`;
  return path;
}

/** As `toFixed(1)`, without a zero behind the point. */
const tenths = (pixel: number): number => Math.round(pixel * 10) / 10;

/** An exponential mean, so that the trend is seen through the noise. */
export function smoothed(points: readonly XY[], weight = 0.9): XY[] {
  let mean = points[0]?.y ?? 0;
  return points.map(({ x, y }) => {
    mean = mean * weight + y * (1 - weight);
    return { x, y: mean };
  });
}
