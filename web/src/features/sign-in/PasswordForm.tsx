import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { Field } from "@/components/Field";
import { signIn, type Outcome } from "@/lib/auth/cognito";
import { refusalWords } from "./words";

export function PasswordForm({ onOutcome, onForgotten }: { onOutcome: (outcome: Outcome) => void; onForgotten: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const asked = useMutation({ mutationFn: () => signIn(email.trim(), password), onSuccess: onOutcome });

  function submit(event: SubmitEvent) {
    event.preventDefault();
    asked.mutate();
  }

  return (
    <form className="mt-5 flex flex-col gap-4" onSubmit={submit}>
      <Field label="E-mail" type="email" name="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />
      <Field
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        wrong={refusalWords(asked.error)}
        onChange={(event) => setPassword(event.target.value)}
      />
      <button type="submit" className="btn btn-primary btn-wide" disabled={asked.isPending}>
        {asked.isPending ? "Signing in …" : "Sign in"}
      </button>
      <button type="button" className="link self-start text-13" onClick={onForgotten}>
        Forgotten?
      </button>
    </form>
  );
}
