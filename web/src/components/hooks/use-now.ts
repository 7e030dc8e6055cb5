import { useEffect, useState } from "react";

/** The moment, anew each `every` ms; for times that are counted from now. */
export function useNow(every = 5_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}
