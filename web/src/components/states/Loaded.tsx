import { Link } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";
import { failureOf } from "@/lib/api/failure";
import { ErrorState } from "./ErrorState";
import { PageHead } from "@/components/PageHead";
import { usePageTitle } from "@/components/hooks/use-page-title";

interface Props<T> {
  /** A query, or several that were joined to look like one. */
  query: { data: T | undefined; error: Error | null; dataUpdatedAt: number; refetch: () => Promise<unknown> };
  /** What it is, as a sentence begins: "The jobs". */
  what: string;
  skeleton: ReactNode;
  /** For a page of one thing: what is said of an id that does not exist. */
  missing?: { thing: string; to: ComponentProps<typeof Link>["to"]; list: string };
  children: (data: T) => ReactNode;
}

/** The four states of everything that is fetched; `children` draws the data, and says itself what is empty. */
export function Loaded<T>({ query, what, skeleton, missing, children }: Props<T>) {
  const { data, error } = query;
  if (error && missing && failureOf(error).status === 404) {
    return <Missing {...missing} />;
  }
  const failed = error ? (
    <ErrorState what={what} error={error} retry={() => void query.refetch()} asOf={data === undefined ? undefined : query.dataUpdatedAt} />
  ) : null;
  if (data === undefined) {
    return (
      <>
        {missing ? <Unknown {...missing} /> : null}
        {failed ?? skeleton}
      </>
    );
  }
  return (
    <>
      {failed ? <div className="mb-4">{failed}</div> : null}
      {children(data)}
    </>
  );
}

/** The head of a thing whose name is not known yet; its place is. */
function Unknown({ thing, to, list }: NonNullable<Props<unknown>["missing"]>) {
  const name = thing.charAt(0).toUpperCase() + thing.slice(1);
  return <PageHead title={name} crumb={{ to, label: list, here: name }} />;
}

function Missing({ thing, to, list }: NonNullable<Props<unknown>["missing"]>) {
  usePageTitle(`No such ${thing}`);
  return (
    <>
      <h1 className="say">There is no such {thing}.</h1>
      <p className="mt-2">It may have been deleted, or it belongs to somebody else.</p>
      <Link className="btn mt-6" to={to}>
        {list}
      </Link>
    </>
  );
}
