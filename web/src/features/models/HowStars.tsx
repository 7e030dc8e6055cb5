import { useState } from "react";
import { Dialog } from "@/components/Dialog";
import { Stars } from "@/components/Stars";

const RULES = [
  [5, "below 0.5", "more than 50 %"],
  [4, "below 1.0", "more than 30 %"],
  [3, "below 2.0", "more than 10 %"],
  [2, "else", "else"],
] as const;

export function HowStars() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="link" onClick={() => setOpen(true)}>
        How stars are given
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title="How stars are given">
        <table className="num w-full text-13">
          <thead>
            <tr className="cap text-left">
              <th scope="col" className="py-2 font-normal">
                Stars
              </th>
              <th scope="col" className="py-2 font-normal">
                Training loss ended
              </th>
              <th scope="col" className="py-2 font-normal">
                and fell by
              </th>
            </tr>
          </thead>
          <tbody>
            {RULES.map(([stars, loss, fell]) => (
              <tr key={stars} className="border-t border-line">
                <td className="py-2">
                  <Stars value={stars} />
                </td>
                <td className="py-2">{loss}</td>
                <td className="py-2">{fell}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="mt-3">One star less where held-out loss is more than 0.5 above training loss.</p>
        <p className="mt-2">Stars read the training curve. Whether it beats the base model stands above.</p>
        <div className="dialog-acts">
          <button type="button" className="btn" onClick={() => setOpen(false)}>
            Close
          </button>
        </div>
      </Dialog>
    </>
  );
}
