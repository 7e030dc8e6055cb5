import { Badge } from "@/components/Badge";
import { Loaded } from "@/components/states/Loaded";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { count } from "@/lib/format";
import { useModelName } from "@/features/catalog/use-model-name";
import type { Mark } from "@/lib/status";
import type { Dataset } from "@/features/datasets/api/getDataset";
import { usePreview, type PreviewPage } from "@/features/datasets/api/getPreview";
import { LineField } from "./LineField";
import { PlainTurns, TokenTurns } from "./TokenTurns";

const FATES: Record<string, Mark> = {
  trained: { word: "Trains", tone: "good" },
  skipped: { word: "Skipped", tone: "rest" },
  rejected: { word: "Rejected", tone: "bad" },
  header: { word: "Header", tone: "rest" },
  blank: { word: "Blank", tone: "rest" },
};

interface Props {
  dataset: Dataset;
  line: number;
  onLine: (line: number) => void;
}

/** One line of the file as the trainer will see it. */
export function RowPreview({ dataset, line, onLine }: Props) {
  const query = usePreview(dataset.id, line);
  const preview = query.data?.preview;
  const nameOf = useModelName();
  return (
    <Section title={dataset.status === "ready" ? "What the model will learn" : "What the model would learn"} aside={asideOf(query.data, dataset, nameOf)}>
      <div className="panel">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-3 max-tablet:px-4">
          <LineField line={line} onLine={onLine} />
          {preview && !query.error ? <Badge mark={FATES[preview.fate] ?? { word: preview.fate, tone: "rest" }} /> : null}
          {preview && !query.error ? <span className="num text-13">{countsOf(query.data)}</span> : null}
          <span className="cap ml-auto">
            <span className="tok">
              <span data-trained className="!px-1">
                coloured
              </span>
            </span>{" "}
            is learned, the rest is only read
          </span>
        </div>
        <div className="px-6 py-2 max-tablet:px-4">
          <Loaded query={query} what={`Line ${line}`} skeleton={<Skeleton rows={3} height={44} />}>
            {(page) => <Row page={page} />}
          </Loaded>
        </div>
      </div>
    </Section>
  );
}

function Row({ page }: { page: PreviewPage }) {
  const { preview, tokenized, base_model } = page;
  const sequences = preview.sequences ?? [];
  const name = useModelName()(base_model);
  return (
    <>
      {(preview.problems ?? []).map((problem) => (
        <p key={`${problem.code}-${problem.path}`} className={problem.severity === "error" ? "py-1 text-bad" : "py-1 text-prep"}>
          {problem.message}. {problem.hint}
        </p>
      ))}
      {preview.truncated_turns ? <p className="cap py-1">{count(preview.truncated_turns)} oldest turns left out</p> : null}
      {sequences.length > 1 ? <p className="cap py-1">Trained as {sequences.length} sequences</p> : null}
      {!tokenized && preview.messages?.length ? (
        <p className="cap py-1">The tokenizer of {name} is not installed here, so whole answers are shown.</p>
      ) : null}
      {sequences.length > 0 ? (
        sequences.map((sequence, at) => (
          <div key={`${preview.line}-${at}`}>
            <TokenTurns tokens={sequence.tokens} />
            {sequence.tokens_left_out > 0 ? <p className="cap py-2">{count(sequence.tokens_left_out)} more tokens are not shown</p> : null}
          </div>
        ))
      ) : (
        <PlainTurns messages={preview.messages ?? []} />
      )}
    </>
  );
}

function countsOf(page: PreviewPage | undefined): string {
  const sequences = page?.preview.sequences ?? [];
  if (sequences.length === 0) return "";
  const sum = (of: "total_tokens" | "trained_tokens") => sequences.reduce((total, one) => total + one[of], 0);
  return `${count(sum("total_tokens"))} tokens, ${count(sum("trained_tokens"))} of them trained`;
}

function asideOf(page: PreviewPage | undefined, dataset: Dataset, nameOf: (id: string) => string): string {
  if (!page) return "";
  const of = dataset.rows > 0 ? `line ${count(page.preview.line)}; ${count(dataset.rows)} rows in the file` : "";
  return [of, page.tokenized ? `tokens of ${nameOf(page.base_model)}` : ""].filter(Boolean).join(" · ");
}
