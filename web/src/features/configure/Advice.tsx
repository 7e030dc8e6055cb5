import type { Estimate } from "@/features/jobs/api/getEstimate";
import { counted } from "@/lib/format";

/** What speaks against the choice; it can be ordered all the same. */
export function Advice({ estimate }: { estimate: Estimate | undefined }) {
  const words = estimate ? adviceOf(estimate) : [];
  if (words.length === 0) return null;
  return (
    <ul className="note mt-3 flex flex-col gap-1" data-tone="prep" aria-label="What speaks against this choice">
      {words.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
}

export function adviceOf({ warnings, planned }: Pick<Estimate, "warnings" | "planned">): string[] {
  const said = (warnings ?? []).map((words) => `${words.replace(/\.$/, "")}.`);
  if (!planned || planned.verdict_possible) return said;
  const held = planned.held_out_conversations;
  const few = held === 0 ? "No conversation is held out" : `Only ${counted(held, "conversation")} ${held === 1 ? "is" : "are"} held out`;
  return [...said, `${few}: too few to tell whether the model is better than its base.`];
}
