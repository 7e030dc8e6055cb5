import type { Mark } from "@/lib/status";

export function Badge({ mark, title }: { mark: Mark; title?: string }) {
  return (
    <span className="badge" data-tone={mark.tone} title={title}>
      {mark.word}
    </span>
  );
}
