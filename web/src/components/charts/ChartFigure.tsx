import { useId, useState, type ReactNode, type RefObject } from "react";

interface Numbers {
  head: string[];
  rows: (string | number)[][];
}

interface Props {
  /** The chart in one sentence, for who cannot see it. */
  says: string;
  /** Made when it is asked for: of a long curve it is long. */
  table: () => Numbers;
  width: number;
  height: number;
  frame: RefObject<HTMLDivElement | null>;
  children: ReactNode;
  /** Things beside "Show as table", such as switches. */
  controls?: ReactNode;
}

/** A chart drawn in SVG, said in a sentence, and as a table for who wants the numbers. */
export function ChartFigure({ says, table, width, height, frame, children, controls }: Props) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <div>
      <div ref={frame} className="relative w-full" hidden={asTable}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={says} className="block max-w-full">
          {children}
        </svg>
      </div>
      {asTable ? <DataTable id={id} says={says} {...table()} /> : null}
      <div className="mt-2 flex flex-wrap items-center gap-4">
        {controls}
        <button type="button" className="link text-12" aria-expanded={asTable} aria-controls={id} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Show as chart" : "Show as table"}
        </button>
      </div>
    </div>
  );
}

function DataTable({ id, says, head, rows }: Numbers & { id: string; says: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <div id={id} className="max-h-75 overflow-auto" tabIndex={0} role="region" aria-label="The chart's numbers">
      <table className="num w-full text-13">
        <caption className="sr-only">{says}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col" className="cap py-1 pr-4 text-right font-normal">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]} className="border-t border-line">
              {row.map((cell, column) => (
                <td key={head[column]} className="py-1 pr-4 text-right">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
