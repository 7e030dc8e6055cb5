/** A thing that was done and can be undone, said in passing. */
export interface ToastMessage {
  id: number;
  words: string;
  undo?: () => void;
}
type Listener = (message: ToastMessage) => void;

const listeners = new Set<Listener>();
let last = 0;

export function toast(words: string, undo?: () => void): void {
  last += 1;
  const message: ToastMessage = undo ? { id: last, words, undo } : { id: last, words };
  for (const listener of listeners) listener(message);
}

export function onToast(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
