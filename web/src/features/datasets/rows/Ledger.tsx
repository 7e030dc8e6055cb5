import { count } from "@/lib/format";
import type { Dataset } from "@/features/datasets/api/getDataset";

/** What becomes of each row of the file, in one bar. */
export function Ledger({ dataset }: { dataset: Dataset }) {
  const { rows, trained_rows, skipped_rows, rejected_rows, truncated_rows } = dataset;
  const share = (part: number) => ({ width: `${rows > 0 ? (part / rows) * 100 : 0}%` });
  return (
    <section className="section panel pad" aria-label="What becomes of the rows">
      <div className="bar h-3" aria-hidden="true">
        {trained_rows > 0 ? <span className="bg-good-solid" style={share(trained_rows)} /> : null}
        {skipped_rows > 0 ? <span className="bg-rest-solid" style={share(skipped_rows)} /> : null}
        {rejected_rows > 0 ? <span className="bg-bad-solid" style={share(rejected_rows)} /> : null}
      </div>
      <p className="cap num mt-2.5 flex flex-wrap gap-x-6 gap-y-1">
        <span>
          <b>{count(trained_rows)}</b> rows train
        </span>
        <span>
          <b>{count(skipped_rows)}</b> skipped
        </span>
        <span>
          <b>{count(rejected_rows)}</b> rejected
        </span>
        {truncated_rows > 0 ? (
          <span>
            <b>{count(truncated_rows)}</b> shortened
          </span>
        ) : null}
        <span className="ml-auto">{count(rows)} rows in the file</span>
      </p>
    </section>
  );
}
