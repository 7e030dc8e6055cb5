import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Badge } from "@/components/Badge";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Loaded } from "@/components/states/Loaded";
import { Pager } from "@/components/Pager";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/states/Skeleton";
import { save } from "@/lib/save";
import type { Dataset } from "./api/getDataset";
import { problemsAsLines, useProblems, type Problem } from "./api/listProblems";
import { ProblemChips } from "./ProblemChips";

const route = getRouteApi("/inside/datasets/$id");
const MARKS = { error: { word: "Error", tone: "bad" }, warning: { word: "Warning", tone: "prep" } } as const;

/** Everything that is wrong, line by line, with what helps. */
export function Problems({ dataset, onLine }: { dataset: Dataset; onLine: (line: number) => void }) {
  const { severity, code, page } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useProblems(dataset.id, { severity, code, page });
  const saving = useMutation({
    mutationFn: () => problemsAsLines(dataset.id),
    onSuccess: (lines) => save(`${dataset.name} problems.jsonl`, lines, "application/jsonl"),
  });
  return (
    <Section
      title="Problems by line"
      aside={
        <button type="button" className="link" disabled={saving.isPending} onClick={() => saving.mutate()}>
          Save as JSONL
        </button>
      }
    >
      <ProblemChips
        dataset={dataset}
        filter={{ severity, code }}
        onFilter={(filter) => void navigate({ search: (before) => ({ line: before.line, ...filter }), resetScroll: false })}
      />
      <ErrorNote error={saving.error} />
      <Loaded query={query} what="The problems" skeleton={<Skeleton rows={8} height={64} />}>
        {({ problems, pagination }) => (
          <>
            <div className="panel overflow-hidden">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col" className="n">Line</th>
                    <th scope="col"><span className="sr-only">Severity</span></th>
                    <th scope="col">What is wrong</th>
                    <th scope="col">What helps</th>
                    <th scope="col">Code</th>
                  </tr>
                </thead>
                <tbody>
                  {problems.map((problem) => (
                    <Row key={`${problem.line}-${problem.code}-${problem.path}`} problem={problem} onLine={onLine} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager
              page={pagination.page}
              pages={pagination.totalPages}
              total={pagination.total}
              of="problems"
              go={(next) => void navigate({ search: (before) => ({ ...before, page: next }), resetScroll: false })}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Row({ problem, onLine }: { problem: Problem; onLine: (line: number) => void }) {
  return (
    <tr>
      <td className="n">
        {problem.line === 0 ? (
          <b>file</b>
        ) : (
          <button type="button" className="link num font-medium" aria-label={`Show line ${problem.line}`} onClick={() => onLine(problem.line)}>
            {problem.line}
          </button>
        )}
      </td>
      <td>
        <Badge mark={MARKS[problem.severity]} />
      </td>
      <td className="wide">
        <b>{problem.message}</b> {problem.path ? <code className="text-ink-3">{problem.path}</code> : null}
        {problem.excerpt ? <code className="block break-all text-ink">{problem.excerpt}</code> : null}
      </td>
      <td className="wide">{problem.hint}</td>
      <td className="whitespace-nowrap">
        <code>{problem.code}</code>
      </td>
    </tr>
  );
}
