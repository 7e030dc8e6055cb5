import { useEffect, useState } from "react";

/** The value once it has rested for `pause` ms; `settling` while it has not. */
export function useSettled<T>(value: T, pause: number): { value: T; settling: boolean } {
  const key = JSON.stringify(value);
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    if (key === settled.key) return;
    const timer = window.setTimeout(() => setSettled({ value, key }), pause);
    return () => window.clearTimeout(timer);
    // `value` is what `key` says
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, settled.key, pause]);
  return { value: settled.value, settling: key !== settled.key };
}
