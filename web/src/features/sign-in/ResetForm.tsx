import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { Field } from "@/components/Field";
import { askForReset, reset, signIn, type Outcome } from "@/lib/auth/cognito";
import { passwordLacks, PASSWORD_RULE, refusalWords } from "./words";

/** A code by e-mail, then a new password; whether the address is known is not said. */
export function ResetForm({ onOutcome, onBack }: { onOutcome: (outcome: Outcome) => void; onBack: () => void }) {
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [lacks, setLacks] = useState<string>();
  const sent = useMutation({ mutationFn: () => askForReset(email.trim()) });
  const done = useMutation({
    mutationFn: async () => {
      await reset(email.trim(), code.trim(), password);
      return signIn(email.trim(), password);
    },
    onSuccess: onOutcome,
  });

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!sent.isSuccess) {
      sent.mutate();
      return;
    }
    const missing = passwordLacks(password);
    setLacks(missing);
    if (!missing) done.mutate();
  }

  return (
    <form className="mt-4 flex flex-col gap-4" onSubmit={submit}>
      <Field
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        required
        readOnly={sent.isSuccess}
        value={email}
        wrong={refusalWords(sent.error)}
        onChange={(event) => setEmail(event.target.value)}
      />
      {sent.isSuccess ? (
        <>
          <p className="text-13" role="status">
            If the address is known, a code is on its way to it.
          </p>
          <Field label="Code" name="code" inputMode="numeric" autoComplete="one-time-code" required value={code} onChange={(event) => setCode(event.target.value)} />
          <Field
            label="New password"
            type="password"
            name="new-password"
            autoComplete="new-password"
            hint={PASSWORD_RULE}
            value={password}
            wrong={lacks ?? refusalWords(done.error)}
            onChange={(event) => setPassword(event.target.value)}
          />
        </>
      ) : null}
      <button type="submit" className="btn btn-primary btn-wide" disabled={sent.isPending || done.isPending}>
        {sent.isSuccess ? "Set the password and sign in" : "Send a code"}
      </button>
      <button type="button" className="link self-start text-13" onClick={onBack}>
        Back
      </button>
    </form>
  );
}
