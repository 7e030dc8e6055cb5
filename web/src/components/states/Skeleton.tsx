/** Grey bars with the measures of what comes; they show after 150 ms, so that a quick answer does not flicker. */
export function Skeleton({ rows = 4, height = 64 }: { rows?: number; height?: number }) {
  return (
    <div className="late panel rows" aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex flex-col justify-center gap-2 px-6 max-tablet:px-4" style={{ height }}>
          <span className="grey h-3 w-1/3" />
          <span className="grey h-2 w-1/5" />
        </div>
      ))}
    </div>
  );
}

/** The sentence, the figures and a large panel: what most pages of one thing begin with. */
export function PageSkeleton() {
  return (
    <div className="late" aria-busy="true" aria-label="Loading" role="status">
      <p className="say">
        <span className="grey mt-1 inline-block h-7 w-3/5" />
      </p>
      <GreyFigures />
      <GreyPanel />
    </div>
  );
}

/** Figures in one ruled row, before they are known. */
export function GreyFigures() {
  return (
    <div className="figs section">
      {["w-16", "w-20", "w-12", "w-14"].map((width) => (
        <div key={width} className="fig">
          <span className="grey block h-3 w-3/5" />
          <span className={`grey mt-2 block h-5 ${width}`} />
          <span className="grey mt-2 block h-2.5 w-4/5" />
        </div>
      ))}
    </div>
  );
}

/** A panel that holds a chart or a table, before either is known. */
export function GreyPanel() {
  return (
    <div className="panel pad section">
      <span className="grey block h-4 w-1/4" />
      <span className="grey mt-6 block h-66 w-full opacity-50" />
      <span className="grey mt-4 block h-2.5 w-1/2" />
    </div>
  );
}

export function CardsSkeleton({ cards = 3, height = 144 }: { cards?: number; height?: number }) {
  return (
    <div className="late grid3" aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: cards }, (_, card) => (
        <div key={card} className="panel pad flex flex-col gap-3" style={{ height }}>
          <span className="grey h-4 w-1/2" />
          <span className="grey h-3 w-4/5" />
          <span className="grey h-3 w-2/5" />
        </div>
      ))}
    </div>
  );
}
