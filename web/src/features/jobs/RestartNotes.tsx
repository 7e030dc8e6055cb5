import { Badge } from "@/components/Badge";
import { counted } from "@/lib/format";

/** What was lost on the way, and that it cost nothing to wait. */
export function RestartNotes({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return (
    <div className="mt-4 flex items-baseline gap-3 max-tablet:flex-col max-tablet:gap-2">
      <Badge mark={{ word: counted(words.length, "restart"), tone: "prep" }} />
      <div className="flex-1">
        {words.map((one) => (
          <p key={one}>{one}</p>
        ))}
      </div>
    </div>
  );
}
