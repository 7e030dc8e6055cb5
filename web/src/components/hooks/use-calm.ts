import { useEffect, useRef, useState } from "react";

/** The text, changed at most each `pause` ms; at once where `kind` changes. So that polls do not chatter. */
export function useCalm(text: string, kind: string, pause = 30_000): string {
  const [shown, setShown] = useState({ text, kind });
  const changed = useRef(0);

  useEffect(() => {
    if (text === shown.text && kind === shown.kind) return;
    const wait = kind === shown.kind ? Math.max(0, pause - (Date.now() - changed.current)) : 0;
    const timer = window.setTimeout(() => {
      changed.current = Date.now();
      setShown({ text, kind });
    }, wait);
    return () => window.clearTimeout(timer);
  }, [text, kind, shown, pause]);

  return kind === shown.kind ? shown.text : text;
}
