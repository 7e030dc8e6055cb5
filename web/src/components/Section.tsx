import type { ReactNode } from "react";
import { useId } from "react";

/** A headed part of a page; `aside` stands small at its right. */
export function Section({ title, aside, children, flush = false }: { title: string; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  const id = useId();
  return (
    <section className={flush ? undefined : "section"} aria-labelledby={id}>
      <div className="sec">
        <h2 id={id}>{title}</h2>
        {aside ? <span className="r">{aside}</span> : null}
      </div>
      {children}
    </section>
  );
}
