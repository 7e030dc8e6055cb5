import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { Field } from "@/components/Field";
import { checkKey } from "./api/checkKey";
import { failureOf } from "@/lib/api/failure";
import { session } from "@/lib/auth/session";

/** For who has a key and no account; it is kept in this tab only. */
export function ApiKeyForm({ onEntered }: { onEntered: () => Promise<void> }) {
  const [key, setKey] = useState("");
  const asked = useMutation({
    mutationFn: () => checkKey(key.trim()),
    onSuccess: () => {
      session.beginWithKey(key.trim());
      return onEntered();
    },
  });

  function submit(event: SubmitEvent) {
    event.preventDefault();
    asked.mutate();
  }

  return (
    <details className="mt-3 text-13">
      <summary className="cursor-pointer">Use an API key</summary>
      <form className="mt-3 flex flex-col gap-3" onSubmit={submit}>
        <Field
          label="API key"
          type="password"
          name="api-key"
          autoComplete="off"
          placeholder="brk_…"
          required
          hint="Kept in this tab only."
          value={key}
          wrong={wrongWords(asked.error)}
          onChange={(event) => setKey(event.target.value)}
        />
        <button type="submit" className="btn" disabled={asked.isPending}>
          {asked.isPending ? "Asking …" : "Enter with the key"}
        </button>
      </form>
    </details>
  );
}

function wrongWords(error: unknown): string | undefined {
  if (!error) return undefined;
  const failure = failureOf(error);
  return failure.status === 401 ? "This key is not valid." : failure.message;
}
