import type { Model } from "./api/getModel";

type Status = Model["status"];

/** Nothing goes to production untested; an archived model comes back as stored. */
const NEXT: Record<Status, Status[]> = {
  stored: ["testing", "archived"],
  testing: ["production", "stored", "archived"],
  production: ["testing", "archived"],
  archived: ["stored"],
};
const WORDS: Record<Status, string> = {
  stored: "Move back to stored",
  testing: "Move to testing",
  production: "Move to production",
  archived: "Archive",
};
const DONE: Record<Status, string> = {
  stored: "It is stored.",
  testing: "It is in testing.",
  production: "It is in production.",
  archived: "It is archived.",
};

export interface Move {
  to: Status;
  words: string;
  /** Why it is not possible yet. */
  barred?: string;
}

/** The step most people take next, and the others. */
export function movesOf(status: Status): { first: Move | null; others: Move[] } {
  const moves = NEXT[status].map((to) => ({ to, words: wordsFor(status, to) }));
  if (status === "archived") return { first: moves[0] ?? null, others: [] };
  if (status === "production") return { first: null, others: moves };
  const [first, ...others] = moves;
  const barred = status === "stored" ? [{ to: "production" as const, words: WORDS.production, barred: "Test it first." }] : [];
  return { first: first ?? null, others: [...barred, ...others] };
}

function wordsFor(from: Status, to: Status): string {
  if (from === "archived") return "Take out of the archive";
  if (from === "production" && to === "testing") return "Move back to testing";
  return WORDS[to];
}

export const doneWords = (status: Status): string => DONE[status];

export const canUndo = (from: Status, to: Status): boolean => NEXT[to].includes(from);
