import { Fragment, type ReactNode } from "react";

/** Names and values in two columns. */
export function KeyValues({ items }: { items: (readonly [string, ReactNode])[] }) {
  return (
    <dl className="kv">
      {items.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
