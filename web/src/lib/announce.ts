/** One thing said to a screen reader, once. The `Announcer` of the layout speaks it. */
type Listener = (words: string) => void;
const listeners = new Set<Listener>();

export function announce(words: string): void {
  for (const listener of listeners) listener(words);
}

export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
