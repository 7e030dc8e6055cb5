import { Badge } from "@/components/Badge";
import { counted } from "@/lib/format";

/** What was lost on the way, and that it cost nothing to wait; its place is kept while the words are awaited. */
export function RestartNotes({ words, awaited }: { words: string[]; awaited: number }) {
  const restarts = Math.max(words.length, awaited);
  if (restarts === 0) return null;
  return (
    <div className="mt-4 flex items-baseline gap-3 max-tablet:flex-col max-tablet:gap-2">
      <Badge mark={{ word: counted(restarts, "restart"), tone: "prep" }} />
      <div className="flex-1">
        {words.map((one) => (
          <p key={one}>{one}</p>
        ))}
        {Array.from({ length: restarts - words.length }, (_, at) => (
          <p key={at} aria-hidden="true">
            <span className="late grey inline-block h-3 w-3/5" />
          </p>
        ))}
      </div>
    </div>
  );
}
