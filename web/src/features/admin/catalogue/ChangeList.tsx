import type { Change } from "./changes";

const MOST = 40;

/** What is different, place by place. */
export function ChangeList({ changes }: { changes: Change[] }) {
  return (
    <ul className="mt-2 flex flex-col gap-1 text-13">
      {changes.slice(0, MOST).map(({ place, before, after }) => (
        <li key={place} className="wrap-anywhere">
          <span className="text-ink-3">{place}</span> {before === undefined ? null : <del className="text-ink-3">{before}</del>} {after === undefined ? <span className="text-prep">taken away</span> : <ins className="text-ink no-underline">{after}</ins>}
        </li>
      ))}
      {changes.length > MOST ? <li className="cap">and {changes.length - MOST} more</li> : null}
    </ul>
  );
}
