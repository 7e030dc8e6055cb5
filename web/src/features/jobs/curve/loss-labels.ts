import { BOX, type Frame } from "@/components/charts/curve";
import { freePlace, roomOf, type Place } from "@/components/charts/labels";
import type { XY } from "@/lib/chart/decimate";
import { count, loss } from "@/lib/format";
import type { LossData } from "./loss-data";

/** Words in the chart, with the left foot of their first letter. */
export interface Label {
  words: string;
  x: number;
  y: number;
}

export interface Labels {
  best: Label | null;
  base: Label | null;
  toCome: Label | null;
  restarts: (Label | null)[];
}

/** A step apart, from `first` on to `last`, in either direction. */
const stepped = (first: number, last: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, at) => first + at * step);

/** Where the words stand, so that no curve runs through them and none covers another. `train` is the drawn line, in pixels. */
export function lossLabels(data: LossData, frame: Frame, train: readonly XY[], narrow: boolean): Labels {
  const held = data.held.map((point) => ({ x: frame.x(point.x), y: frame.y(point.y) }));
  const base = data.base === null ? [] : [{ x: BOX.left, y: frame.y(data.base) }, { x: frame.right, y: frame.y(data.base) }];
  const upright = data.restarts.map((step) => [{ x: frame.x(step), y: BOX.top }, { x: frame.x(step), y: frame.bottom }]);
  const lines = [train, held, base, ...upright];
  const taken: Place[] = held.map(({ x, y }) => ({ x: x - 6, y: y - 6, width: 12, height: 12 }));
  return {
    best: data.best ? put(bestWords(data, narrow), (room) => aroundBest(frame, data, room)) : null,
    base: data.base === null ? null : put(`Base model ${loss(data.base)}`, (room) => alongBase(frame, data.base ?? 0, room)),
    restarts: data.restarts.map((step) => put(narrow ? "Restarted" : `Restarted from step ${count(step)}`, (room) => alongRestart(frame, step, room))),
    toCome: data.ended ? null : toCome(),
  };

  function put(words: string, places: (room: Room) => Place[]): Label | null {
    const room = roomOf(words);
    const inside = places(room).filter(({ x, y }) => x >= BOX.left && x + room.width <= frame.right && y >= BOX.top - room.height && y + room.height <= frame.bottom);
    const place = freePlace(inside, lines, taken);
    if (!place) return null;
    taken.push(place);
    return { words, x: place.x, y: place.y + room.height - 4 };
  }

  function toCome(): Label | null {
    const [left, more] = [frame.x(data.now), data.steps - data.now];
    const long = `${count(more)} steps to come`;
    const wide = frame.right - left;
    const words = wide > roomOf(long).width + 16 ? long : "to come";
    if (more <= 0 || wide < roomOf(words).width + 8) return null;
    return put(words, ({ width, height }) =>
      stepped(BOX.top, frame.bottom - height - 6, 12)
        .reverse()
        .map((y) => ({ x: left + (wide - width) / 2, y, width, height })),
    );
  }
}

type Room = ReturnType<typeof roomOf>;

function bestWords(data: LossData, narrow: boolean): string {
  const word = data.ended ? "Lowest" : "Best so far";
  const said = `${word} ${loss(data.best?.y)}`;
  return narrow || !data.best ? said : `${said}, step ${count(data.best.x)}`;
}

/** Above it first, then below, further and further away; on the side where there is more room. */
function aroundBest(frame: Frame, { best }: LossData, { width, height }: Room): Place[] {
  if (!best) return [];
  const [x, y] = [frame.x(best.x), frame.y(best.y)];
  const sides = x > frame.right / 2 ? [x - 12 - width, x - width / 2, x + 12] : [x + 12, x - width / 2, x - 12 - width];
  return stepped(10, 94, 12).flatMap((away) => [y - away - height, y + away].flatMap((top) => sides.map((left) => ({ x: left, y: top, width, height }))));
}

function alongBase(frame: Frame, value: number, { width, height }: Room): Place[] {
  const y = frame.y(value);
  return [y - height - 4, y + 4].flatMap((top) =>
    stepped(0, frame.right - BOX.left - width, 24).map((back) => ({ x: frame.right - width - back, y: top, width, height })),
  );
}

function alongRestart(frame: Frame, step: number, { width, height }: Room): Place[] {
  const x = frame.x(step);
  return [x + 7, x - 7 - width].flatMap((left) => stepped(BOX.top + 4, frame.bottom - height, 8).map((top) => ({ x: left, y: top, width, height })));
}
