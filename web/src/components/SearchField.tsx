import { useEffect, useState } from "react";

interface Props {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

/** Searches 300 ms after the last letter. */
export function SearchField({ label, value, onSearch }: Props) {
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (typed === value) return;
    const timer = window.setTimeout(() => onSearch(typed), 300);
    return () => window.clearTimeout(timer);
  }, [typed, value, onSearch]);
  return (
    <input
      type="search"
      className="input tablet:max-w-80"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
