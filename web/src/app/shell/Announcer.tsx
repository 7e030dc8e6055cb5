import { useEffect, useState } from "react";
import { onAnnounce } from "@/lib/announce";

/** The one place from which a page speaks to a screen reader. */
export function Announcer() {
  const [said, setSaid] = useState({ words: "", turn: 0 });
  useEffect(() => onAnnounce((words) => setSaid((before) => ({ words, turn: before.turn + 1 }))), []);
  return (
    <div className="sr-only" aria-live="polite">
      <span key={said.turn}>{said.words}</span>
    </div>
  );
}
