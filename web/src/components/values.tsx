import * as f from "@/lib/format";

/** A moment as people say it; the whole ISO moment is in its title. */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <Absent />;
  return (
    <time className="num" dateTime={at} title={at}>
      {f.moment(at)}
    </time>
  );
}

/** What is not there, with the reason. */
export function Absent({ why = "Not known" }: { why?: string | undefined }) {
  return <span title={why}>{f.ABSENT}</span>;
}
