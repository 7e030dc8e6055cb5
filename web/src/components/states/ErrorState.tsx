import { failureOf } from "@/lib/api/failure";
import { moment } from "@/lib/format";

interface Props {
  /** What could not be loaded, as the sentence begins: "The jobs". */
  what: string;
  error: unknown;
  retry: () => void;
  /** When what is still shown was true. */
  asOf?: number | undefined;
}

/** Says what failed in the API's own words and lets it be tried again; what was there stays visible below. */
export function ErrorState({ what, error, retry, asOf }: Props) {
  const failure = failureOf(error);
  return (
    <div className="note" data-tone="bad" role="alert">
      <p className="strong">{titleOf(what, failure.status)}</p>
      <p>{failure.status === 403 ? null : reasonOf(failure)}</p>
      {asOf ? <p className="cap">What you see below is as of {moment(new Date(asOf).toISOString())}.</p> : null}
      {failure.status === 403 ? null : (
        <button type="button" className="btn mt-3" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function titleOf(what: string, status: number): string {
  if (status === 403) return "You may not see this.";
  return `${what} could not be loaded.`;
}

function reasonOf(failure: ReturnType<typeof failureOf>): string {
  if (failure.status === 429) return `Too many at once; trying again in ${failure.retryAfter ?? 60} s.`;
  return failure.message;
}
