import { Section } from "@/components/Section";
import { Absent } from "@/components/values";
import { count, duration, gpuName, modelName } from "@/lib/format";
import type { AdminOverview } from "./api/getOverview";
import { calibrationInWords } from "./words";

/** How the estimates fare, for each base model on each GPU type. */
export function Calibration({ rows }: { rows: AdminOverview["calibration"] }) {
  return (
    <Section title="Estimates" aside="what finished runs say of the prices that were promised">
      {rows.length === 0 ? (
        <div className="panel pad">No run has finished yet; prices come from the formula.</div>
      ) : (
        <div className="panel overflow-hidden">
          <table className="table num">
            <thead>
              <tr>
                <th scope="col">Base model</th>
                <th scope="col">GPU</th>
                <th scope="col" className="n">
                  Runs
                </th>
                <th scope="col">How the range holds</th>
                <th scope="col" className="n">
                  Measured speed
                </th>
                <th scope="col" className="n">
                  Overhead
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <CalibrationRow key={`${row.base_model} ${row.gpu_type}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function CalibrationRow({ row }: { row: AdminOverview["calibration"][number] }) {
  const { words, isCalibrated } = calibrationInWords(row);
  const why = "Fewer than three runs have finished";
  return (
    <tr>
      <td className="wide">
        <b>{modelName(row.base_model)}</b>
      </td>
      <td className="whitespace-nowrap">{gpuName(row.gpu_type)}</td>
      <td className="n" data-label="runs">
        {count(row.runs)}
      </td>
      <td className={isCalibrated ? "wide" : "wide !text-prep"}>{words}</td>
      <td className="n" data-label="speed">{row.measured ? `${count(row.measured.tokens_per_second)} tokens/s` : <Absent why={why} />}</td>
      <td className="n" data-label="overhead">{row.measured ? duration(row.measured.overhead_seconds) : <Absent why={why} />}</td>
    </tr>
  );
}
