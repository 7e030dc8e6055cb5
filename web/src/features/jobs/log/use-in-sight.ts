import { useLayoutEffect, useRef, useState, type RefObject } from "react";

/** How far beyond the screen is still drawn: two screens, so that quick scrolling meets no gap. */
const AROUND = "200% 0px";

/** Whether something is near the screen: `height` is null while it is, and else what it measured when it left. */
export function useInSight<T extends Element>(): { ref: RefObject<T | null>; height: number | null } {
  const ref = useRef<T>(null);
  const [height, setHeight] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof IntersectionObserver === "undefined") return;
    const watch = new IntersectionObserver(([seen]) => {
      if (!seen) return;
      if (seen.isIntersecting) setHeight(null);
      else setHeight((before) => before ?? element.getBoundingClientRect().height);
    }, { rootMargin: AROUND });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { ref, height };
}
