export interface XY {
  x: number;
  y: number;
}

/** At most the first, lowest, highest and last point of each pixel column: the drawn line is the same, however many points there are. */
export function decimated(points: readonly XY[], toPixel: (x: number) => number): XY[] {
  if (points.length < 2000) return [...points];
  const kept: XY[] = [];
  let column: XY[] = [];
  let at = Number.NaN;
  const flush = () => {
    const [first, last] = [column[0], column.at(-1)];
    if (!first || !last) return;
    let [low, high] = [first, first];
    for (const point of column) {
      if (point.y < low.y) low = point;
      if (point.y > high.y) high = point;
    }
    const told = [...new Set([first, low, high, last])].sort((a, b) => a.x - b.x);
    kept.push(...told);
  };
  for (const point of points) {
    const pixel = Math.round(toPixel(point.x));
    if (pixel !== at) {
      flush();
      column = [];
      at = pixel;
    }
    column.push(point);
  }
  flush();
  return kept;
}

/** An SVG path through points; four places would be more than a pixel shows. */
export function pathOf(points: readonly XY[], x: (value: number) => number, y: (value: number) => number): string {
  return points.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
}

/** An exponential mean, so that the trend is seen through the noise. */
export function smoothed(points: readonly XY[], weight = 0.9): XY[] {
  let mean: number | null = null;
  return points.map(({ x, y }) => {
    mean = mean === null ? y : mean * weight + y * (1 - weight);
    return { x, y: mean };
  });
}
