import { Link } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { usePageTitle } from "./hooks/use-page-title";

interface Props {
  title: string;
  /** The list this thing is of: `{ to: "/datasets", label: "Datasets", here: "Dataset" }`. */
  crumb?: { to: ComponentProps<typeof Link>["to"]; label: string; here: string };
  badge?: ReactNode;
  /** The name in the browser's tab, where it is not the title. */
  tab?: string;
  /** Stands in the place of the title, such as the field that renames it. */
  instead?: ReactNode;
  children?: ReactNode;
}

/** The name of the page, its badge, and its actions on the right. */
export function PageHead({ title, crumb, badge, tab, instead, children }: Props) {
  usePageTitle(tab ?? title);
  return (
    <>
      {crumb ? (
        <nav className="crumb" aria-label="Where this is">
          <Link to={crumb.to}>{crumb.label}</Link> / {crumb.here}
        </nav>
      ) : null}
      <div className="head">
        <h1 className={instead ? "sr-only" : undefined}>{title}</h1>
        {instead ?? badge}
        {children && !instead ? <div className="acts max-tablet:hidden">{children}</div> : null}
      </div>
    </>
  );
}

/** On a phone the actions stand under the sentence. */
export function PhoneActions({ children }: { children: ReactNode }) {
  return <div className="tablet:hidden mt-4 flex flex-wrap gap-2 *:flex-1">{children}</div>;
}
