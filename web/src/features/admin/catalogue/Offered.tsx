import { Badge } from "@/components/Badge";
import { Section } from "@/components/Section";
import { Absent } from "@/components/values";
import { count, day, money } from "@/lib/format";
import type { CatalogVersion } from "./api/getCatalogVersion";

type Document = CatalogVersion["document"];
type Gpu = Document["gpus"][number];

/** A catalogue to be read: GPU types with their prices by day, base models, presets. */
export function Offered({ document }: { document: Document }) {
  return (
    <>
      <Section title="GPU types" aside="the first is the default">
        <div className="panel overflow-hidden">
          <table className="table num">
            <thead>
              <tr>
                <th scope="col">GPU</th>
                <th scope="col" className="n">
                  Memory
                </th>
                <th scope="col" className="n">
                  Planned speed
                </th>
                <th scope="col">A GPU-hour</th>
                <th scope="col">Trained on</th>
              </tr>
            </thead>
            <tbody>
              {document.gpus.map((gpu) => (
                <GpuRow key={gpu.type} gpu={gpu} />
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Models models={document.base_models} />
      <Section title="Presets">
        <ul className="panel rows">
          {Object.entries(document.presets).map(([id, preset]) => (
            <li key={id} className="px-6 py-3 max-tablet:px-4">
              <b>{preset.name}</b> <code className="text-ink-3">{id}</code>
              <p className="cap">{[preset.description, preset.tagline].filter(Boolean).join(" · ")}</p>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function GpuRow({ gpu }: { gpu: Gpu }) {
  const prices = [...gpu.prices].sort((a, b) => b.effective_from.localeCompare(a.effective_from));
  return (
    <tr>
      <td className="wide">
        <b>{gpu.name}</b> <code className="block text-ink-3">{gpu.type}</code>
      </td>
      <td className="n" data-label="memory">
        {count(gpu.memory_gb)} GB
      </td>
      <td className="n" data-label="speed">
        {count(gpu.planning_tokens_per_second)} tokens/s
      </td>
      <td className="wide">
        {prices.map((price) => (
          <span key={price.effective_from} className="block whitespace-nowrap">
            {money(price.hourly_rate_usd)} <span className="text-ink-3">from {day(price.effective_from)}</span>
          </span>
        ))}
      </td>
      <td className="wide">{gpu.not_trainable ? <span className="text-prep">{gpu.not_trainable}</span> : <Badge mark={{ word: "Yes", tone: "good" }} />}</td>
    </tr>
  );
}

function Models({ models }: { models: Document["base_models"] }) {
  return (
    <Section title="Base models" aside="the first is the default">
      <div className="panel overflow-hidden">
        <table className="table num">
          <thead>
            <tr>
              <th scope="col">Base model</th>
              <th scope="col">Revision</th>
              <th scope="col" className="n">
                Context
              </th>
              <th scope="col" className="n">
                Needs
              </th>
              <th scope="col">Licence</th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr key={model.id}>
                <td className="wide">
                  <b>{model.name}</b> {model.experimental ? <span className="cap">experimental</span> : null} <code className="block text-ink-3">{model.id}</code>
                </td>
                <td data-label="revision">
                  <code title={model.revision}>{model.revision.slice(0, 8)}</code>
                </td>
                <td className="n" data-label="context">
                  {count(model.context_tokens)} tokens
                </td>
                <td className="n" data-label="needs">
                  {count(model.needs_gpu_memory_gb)} GB
                </td>
                <td data-label="licence">{model.license === "" ? <Absent /> : model.license}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
