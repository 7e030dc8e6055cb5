import { money, moment } from "@/lib/format";
import type { Mark } from "@/lib/status";
import type { UserErasure } from "./api/getErasure";
import type { User } from "./api/getUser";

type Standing = Pick<User, "email" | "disabled_at" | "changed_at" | "seen_at" | "spent_this_month">;
type Erasing = Pick<UserErasure, "state" | "due_at" | "erased_at">;

const MARKS: Partial<Record<UserErasure["state"], Mark>> = {
  waiting: { word: "Erased soon", tone: "prep" },
  erasing: { word: "Being erased", tone: "prep" },
  erased: { word: "Erased", tone: "rest" },
};

export function accessMark(user: Standing, erasure?: Erasing): Mark {
  const going = erasure && MARKS[erasure.state];
  if (going) return going;
  if (user.disabled_at !== null) return { word: "Shut out", tone: "bad" };
  return isUnknown(user) ? { word: "Not known", tone: "rest" } : { word: "May come in", tone: "good" };
}

/** Most likely an id that was mistyped. */
const isUnknown = ({ email, seen_at, changed_at }: Standing): boolean => email === null && seen_at === null && changed_at === null;

/** How a user stands, in one sentence. */
export function userSentence(user: Standing, erasure?: Erasing): string {
  switch (erasure?.state) {
    case "erased":
      return `Erased ${on(erasure.erased_at)}. What it cost stays, without a name.`;
    case "erasing":
      return "Everything of theirs is being erased.";
    case "waiting":
      return `Shut out, and everything of theirs is erased ${on(erasure.due_at)}. Until then, letting them in calls it off.`;
    default:
  }
  if (user.disabled_at !== null) return `Shut out since ${moment(user.disabled_at)}: neither signing in nor any key opens anything.`;
  if (isUnknown(user)) return "Nothing is known of this id: no dataset, and no address in the user pool.";
  if (user.seen_at === null) return "May come in, and has not brought a dataset yet.";
  return user.spent_this_month > 0 ? `May come in, and has spent ${money(user.spent_this_month)} this month.` : "May come in, and has spent nothing this month.";
}

/** `at 09:38` of today, `on 27 Nov, 16:42` of another day. */
function on(at: string | null | undefined): string {
  if (!at) return "soon";
  const said = moment(at);
  return /^\d\d:\d\d$/.test(said) ? `at ${said}` : said.startsWith("tomorrow") ? said : `on ${said}`;
}

/** What a page of a user is called: the address, else the beginning of the id. */
export const nameOf = (user: Pick<User, "email" | "user_id">): string => user.email ?? `User ${user.user_id.slice(0, 8)}`;
