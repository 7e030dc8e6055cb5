import { useEffect, useState } from "react";

export const THEMES = ["system", "light", "dark"] as const;
const KEPT = "brightrun.theme";

/** The choice kept in this browser; the attribute was set before the first paint by theme.js. */
export function useTheme(): [string, (theme: string) => void] {
  const [theme, setTheme] = useState(() => window.localStorage.getItem(KEPT) ?? "system");
  useEffect(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const dark = theme === "dark" || (theme === "system" && system.matches);
      document.documentElement.dataset.theme = dark ? "dark" : "light";
    };
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [theme]);
  return [
    theme,
    (next) => {
      window.localStorage.setItem(KEPT, next);
      setTheme(next);
    },
  ];
}
