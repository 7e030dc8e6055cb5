import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import { Field } from "@/components/Field";
import { answerChallenge, type Challenge, type Outcome } from "@/lib/auth/cognito";
import { passwordLacks, PASSWORD_RULE, refusalWords } from "./words";

/** The first password of one's own, or the code of an authenticator. */
export function ChallengeForm({ challenge, onOutcome }: { challenge: Challenge; onOutcome: (outcome: Outcome) => void }) {
  const isPassword = challenge.name === "NEW_PASSWORD_REQUIRED";
  const [answer, setAnswer] = useState("");
  const [lacks, setLacks] = useState<string>();
  const asked = useMutation({ mutationFn: () => answerChallenge(challenge, answer.trim()), onSuccess: onOutcome });

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const missing = isPassword ? passwordLacks(answer) : undefined;
    setLacks(missing);
    if (!missing) asked.mutate();
  }

  const wrong = lacks ?? wrongWords(asked.error, isPassword);
  return (
    <form className="mt-4 flex flex-col gap-4" onSubmit={submit}>
      {isPassword ? (
        <Field
          label="Choose a password"
          type="password"
          name="new-password"
          autoComplete="new-password"
          hint={PASSWORD_RULE}
          value={answer}
          wrong={wrong}
          onChange={(event) => setAnswer(event.target.value)}
        />
      ) : (
        <Field
          label="Code of your authenticator"
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={answer}
          wrong={wrong}
          onChange={(event) => setAnswer(event.target.value)}
        />
      )}
      <button type="submit" className="btn btn-primary btn-wide" disabled={asked.isPending}>
        {asked.isPending ? "Signing in …" : "Sign in"}
      </button>
    </form>
  );
}

/** A wrong code is refused like a wrong password; here only the code can be meant. */
function wrongWords(error: unknown, isPassword: boolean): string | undefined {
  const words = refusalWords(error);
  return words && !isPassword ? words.replace("E-mail or password is wrong.", "The code is wrong.") : words;
}
