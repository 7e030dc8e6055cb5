import * as f from "@/lib/format";

type Maybe = number | null | undefined;

/** A moment as people say it; the whole ISO moment is in its title. */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <Absent />;
  return (
    <time className="num" dateTime={at} title={at}>
      {f.moment(at)}
    </time>
  );
}

export function Money({ value, why }: { value: Maybe; why?: string }) {
  return value == null ? <Absent why={why} /> : <span className="num">{f.money(value)}</span>;
}

/** What is not there, with the reason. */
export function Absent({ why = "Not known" }: { why?: string | undefined }) {
  return <span title={why}>{f.ABSENT}</span>;
}
