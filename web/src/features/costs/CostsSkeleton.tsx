/** The chart, the figures and the table, as grey as they are not there. */
export function CostsSkeleton() {
  return (
    <div className="late" aria-busy="true" aria-label="Loading" role="status">
      <div className="grey section h-6 w-24" />
      <div className="grey mt-3 h-66 w-full" />
      <div className="grey section h-24 w-full" />
      <div className="grey section h-96 w-full" />
    </div>
  );
}
