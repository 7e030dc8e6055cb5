/** Grey bars with the measures of what comes; they show after 150 ms, so that a quick answer does not flicker. */
export function Skeleton({ rows = 4, height = 64 }: { rows?: number; height?: number }) {
  return (
    <div className="late panel rows" aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex flex-col justify-center gap-2 px-6" style={{ height }}>
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
      <div className="grey h-9 w-4/5" />
      <div className="grey mt-10 h-24 w-full" />
      <div className="grey mt-10 h-96 w-full" />
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
