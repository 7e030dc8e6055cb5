import { useEffect, useRef } from "react";

/** In a row of tabs that is wider than the screen, the chosen one is in sight. */
export function useActiveInSight(chosen: string) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = row.current?.querySelector<HTMLElement>("[data-state=active]");
    if (row.current && tab) row.current.scrollLeft = tab.offsetLeft - (row.current.clientWidth - tab.offsetWidth) / 2;
  }, [chosen]);
  return row;
}
