import { useLayoutEffect, useRef, useState } from "react";

/** How wide the place of a chart is, so that text in it keeps its size on every screen. */
export function useWidth(first = 800) {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.round(entry.contentRect.width)));
    });
    observer.observe(element);
    setWidth(Math.max(240, Math.round(element.getBoundingClientRect().width)));
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
