import { useState } from "react";
import { Section } from "@/components/Section";
import type { Sample } from "./api/getModel";
import { turnsOf, type Turn } from "./turns";

const FIRST = 2;

/** The same held-out prompt, answered by the base model and with the adapter. */
export function Samples({ samples }: { samples: Sample[] }) {
  const [all, setAll] = useState(false);
  if (samples.length === 0) return null;
  const shown = all ? samples : samples.slice(0, FIRST);
  const more =
    samples.length > FIRST ? (
      <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? `only ${FIRST}` : `all ${samples.length}`}
      </button>
    ) : null;
  return (
    <Section title="Same prompt, both answers" aside={more}>
      <ul className="panel rows">
        {shown.map((sample, n) => (
          <li key={`${n}-${sample.prompt}`} className="pad">
            <Prompt text={sample.prompt} />
            <div className="half mt-4 max-tablet:gap-4">
              <Answer by="Base model" text={sample.base_answer} />
              <Answer by="With your adapter" text={sample.adapter_answer} isAdapter />
            </div>
            <p className="cap mt-3.5 whitespace-pre-line">Written in your data: {sample.reference.trim()}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Prompt({ text }: { text: string }) {
  const turns = turnsOf(text);
  if (!turns) {
    return (
      <>
        <p className="cap">Asked, as the model reads it</p>
        <p className="mt-1 max-w-[80ch] whitespace-pre-line text-ink">{text.trim()}</p>
      </>
    );
  }
  return (
    <>
      {turns.length > 1 ? <Before turns={turns.slice(0, -1)} /> : null}
      <p className="cap">The user asked</p>
      <p className="strong mt-1 max-w-[80ch] whitespace-pre-line">{turns.at(-1)?.text}</p>
    </>
  );
}

const ROLES: Record<string, string> = { system: "Told beforehand", developer: "Told beforehand", user: "The user", assistant: "Answered", tool: "A tool" };

function Before({ turns }: { turns: Turn[] }) {
  return (
    <details className="mb-2">
      <summary className="cap cursor-pointer">{turns.every(({ role }) => role === "system") ? "What it was told beforehand" : `What came before (${turns.length} turns)`}</summary>
      <dl className="mt-2 border-l-2 border-line pl-4 text-13">
        {turns.map((turn, n) => (
          <div key={n} className="mb-2">
            <dt className="cap">{ROLES[turn.role] ?? turn.role}</dt>
            <dd className="whitespace-pre-line">{turn.text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Answer({ by, text, isAdapter = false }: { by: string; text: string; isAdapter?: boolean }) {
  return (
    <div className={isAdapter ? "border-l-2 border-accent pl-5" : undefined}>
      <p className={isAdapter ? "cap mb-1 !text-accent" : "cap mb-1"}>{by}</p>
      <p className={isAdapter ? "whitespace-pre-line text-ink" : "whitespace-pre-line"}>{text.trim() || "It said nothing."}</p>
    </div>
  );
}
