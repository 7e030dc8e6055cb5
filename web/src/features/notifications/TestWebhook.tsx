import { useMutation } from "@tanstack/react-query";
import { ErrorNote } from "@/components/states/ErrorNote";
import { testWebhook } from "./api/testWebhook";

const [OK, REDIRECT] = [200, 300];

/** Whether the receiver takes what it is sent, before a job depends on it. */
export function TestWebhook() {
  const test = useMutation({ mutationFn: testWebhook });
  const isTaken = test.data !== undefined && test.data >= OK && test.data < REDIRECT;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2">
      <button type="button" className="btn" disabled={test.isPending} onClick={() => test.mutate()}>
        {test.isPending ? "Sending …" : "Send a sample"}
      </button>
      <span role="status" className={isTaken ? "text-good" : "text-bad"}>
        {test.data === undefined ? "" : isTaken ? `It was taken (${test.data}).` : `It was answered with ${test.data}.`}
      </span>
      <ErrorNote error={test.error} />
    </div>
  );
}
