import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { EmptyState } from "@/components/states/EmptyState";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Loaded } from "@/components/states/Loaded";
import { PageHead } from "@/components/PageHead";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { failureOf } from "@/lib/api/failure";
import { counted, day } from "@/lib/format";
import { importDataset } from "./api/importDataset";
import { useImportable, type TrainingFile } from "./api/listImportable";

/** Training files that were registered through the API and are no datasets yet. */
export function ImportPage() {
  const query = useImportable();
  const files = query.data?.pages.flatMap((page) => page.training_files);
  return (
    <>
      <PageHead title="Import" crumb={{ to: "/datasets", label: "Datasets", here: "Import" }} />
      <StateSentence text={files ? sentence(files.length, query.hasNextPage) : ""} pending={query.isPending} />
      <div className="section">
        <Loaded query={query} what="The training files" skeleton={<Skeleton rows={3} height={92} />}>
          {({ pages }) => <Files files={pages.flatMap((page) => page.training_files)} />}
        </Loaded>
        {query.hasNextPage ? (
          <button type="button" className="btn mt-4" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? "Loading …" : "Show more"}
          </button>
        ) : null}
      </div>
    </>
  );
}

function sentence(files: number, isMore: boolean): string {
  if (files === 0) return "Every training file is a dataset already.";
  if (files === 1 && !isMore) return "One training file is not a dataset yet.";
  return `${files}${isMore ? " and more" : ""} training files are not datasets yet.`;
}

function Files({ files }: { files: TrainingFile[] }) {
  if (files.length === 0) {
    return (
      <EmptyState
        title="Nothing to import."
        action={
          <Link to="/datasets/new" className="btn btn-primary">
            New dataset
          </Link>
        }
      >
        Training files appear here when they are registered through the API.
      </EmptyState>
    );
  }
  return (
    <ul className="panel rows">
      {files.map((file) => (
        <FileRow key={file.id} file={file} />
      ))}
    </ul>
  );
}

function FileRow({ file }: { file: TrainingFile }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const taking = useMutation({
    mutationFn: () => importDataset(file.id),
    onSuccess: async ({ dataset }) => {
      await navigate({ to: "/datasets/$id", params: { id: dataset.id } });
      await client.invalidateQueries({ queryKey: ["training-files"] });
      await client.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
  return (
    <li className="flex items-center justify-between gap-x-6 gap-y-3 px-6 py-4 max-tablet:flex-col max-tablet:items-stretch max-tablet:px-4">
      <div className="min-w-0">
        <h2 className={file.uploaded ? "!text-14" : "!text-14 !text-ink-3"}>{file.name}</h2>
        {file.description ? <p className={file.uploaded ? "text-13" : "text-13 text-ink-3"}>{file.description}</p> : null}
        <p className="cap num mt-1">{facts(file).join(" · ")}</p>
        <Refused error={taking.error} />
      </div>
      {file.uploaded ? (
        <button type="button" className="btn" aria-label={`Import “${file.name}”`} disabled={taking.isPending} onClick={() => taking.mutate()}>
          {taking.isPending ? "Importing …" : "Import"}
        </button>
      ) : (
        <span className="text-13 text-ink-3">its file has not arrived</span>
      )}
    </li>
  );
}

function facts(file: TrainingFile): string[] {
  const scores = Object.entries(file.quality_scores).map(([name, score]) => `${name.replaceAll("_", " ")} ${Number(score.toFixed(2))}`);
  return [counted(file.conversation_count, "conversation"), counted(file.total_training_pairs, "pair"), ...scores, day(file.created_at)];
}

/** Where it is a dataset already, the way to it. */
function Refused({ error }: { error: unknown }) {
  if (!error) return null;
  const { code, details } = failureOf(error);
  if (code !== "already_exists" || typeof details.existing_id !== "string") return <ErrorNote error={error} />;
  return (
    <p className="mt-2 text-13" role="alert">
      It is a dataset already.{" "}
      <Link to="/datasets/$id" params={{ id: details.existing_id }}>
        Open it
      </Link>
    </p>
  );
}
