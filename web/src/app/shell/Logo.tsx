import { Link } from "@tanstack/react-router";

export function LogoMark() {
  return (
    <svg width="26" height="22" viewBox="0 0 26 22" aria-hidden="true">
      <path d="M2 4c5 0 5.5 12.5 11.5 13.8H24" fill="none" stroke="var(--accent)" strokeWidth="3" strokeLinecap="round" />
      <circle cx="22" cy="6" r="3.2" fill="var(--star)" />
    </svg>
  );
}

export function Logo() {
  return (
    <Link to="/" className="flex items-center gap-2.5 text-14 font-semibold text-ink no-underline">
      <LogoMark />
      BrightRun
    </Link>
  );
}
