import { GreyFigures, GreyPanel } from "@/components/states/Skeleton";

/** The chart, the figures and the table, as grey as they are not there. */
export function CostsSkeleton() {
  return (
    <div className="late" aria-busy="true" aria-label="Loading" role="status">
      <GreyPanel />
      <GreyFigures />
      <GreyPanel />
    </div>
  );
}
