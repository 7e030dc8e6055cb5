import { failureOf } from "@/lib/api/failure";

/** Why an action was refused, in the API's own words, beside the button that asked for it. */
export function ErrorNote({ error }: { error?: unknown }) {
  if (!error) return null;
  const failure = failureOf(error);
  const wait = failure.status === 429 && failure.retryAfter ? ` Try again in ${failure.retryAfter} s.` : "";
  return (
    <p className="wrong mt-3" role="alert">
      {failure.message}
      {wait}
    </p>
  );
}
