import { Link } from "@tanstack/react-router";
import { PageHead } from "@/components/PageHead";
import { Section } from "@/components/Section";
import { StateSentence } from "@/components/states/StateSentence";
import { useCatalog } from "@/features/catalog/api/getCatalog";
import { bytesLimit } from "@/lib/format";
import { AtWork } from "./AtWork";

/** Before there is anything: three steps, one of them open. */
export function FirstVisit() {
  const limit = useCatalog().data?.limits.max_dataset_size_bytes;
  const upTo = limit === undefined ? "" : ` Up to ${bytesLimit(limit)}.`;
  return (
    <>
      <PageHead title="Welcome" tab="Home" />
      <StateSentence text="Bring a file of conversations. You will see whether it is fit to train on before anything costs money." />
      <ol className="grid3 section">
        <li className="choice choice-on !p-6 flex flex-col">
          <Step n={1} title="Add a dataset">
            JSON Lines with one conversation per line: OpenAI chat, Alpaca, ShareGPT and five more formats are recognised by their content.{upTo}
          </Step>
          <Link to="/datasets/new" className="btn btn-primary btn-wide mt-4">
            Add a dataset
          </Link>
        </li>
        <li className="panel p-6 flex flex-col">
          <Step n={2} title="Choose and see the price">
            Pick a preset and a GPU. The price stands on the button that starts it, and you set the limit it may not pass.
          </Step>
          <p className="cap mt-auto pt-4">Needs a dataset that is ready</p>
        </li>
        <li className="panel p-6 flex flex-col">
          <Step n={3} title="Watch it, then take it home">
            See the loss fall, compare the answers with the base model’s, download the adapter with its checksums.
          </Step>
          <p className="cap mt-auto pt-4">Needs a finished job</p>
        </li>
      </ol>
      <Section title="At work now">
        <AtWork jobs={[]} />
      </Section>
    </>
  );
}

function Step({ n, title, children }: { n: number; title: string; children: React.ReactNode }) {
  return (
    <>
      <p className={`font-say text-27 ${n === 1 ? "text-accent" : "text-ink-3"}`} aria-hidden="true">
        {n}
      </p>
      <h2 className="mt-2">{title}</h2>
      <p className="mt-1">{children}</p>
    </>
  );
}
