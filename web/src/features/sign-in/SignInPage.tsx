import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { usePageTitle } from "@/components/hooks/use-page-title";
import { LogoMark } from "@/app/shell/Logo";
import type { Challenge, Outcome } from "@/lib/auth/cognito";
import { session } from "@/lib/auth/session";
import { ApiKeyForm } from "./ApiKeyForm";
import { ChallengeForm } from "./ChallengeForm";
import { PasswordForm } from "./PasswordForm";
import { ResetForm } from "./ResetForm";

type Step = { name: "password" } | { name: "challenge"; challenge: Challenge } | { name: "reset" };

const route = getRouteApi("/sign-in");
const TITLES = { password: "Sign in to BrightRun", challenge: "One more step", reset: "Choose a new password" };

export function SignInPage() {
  usePageTitle("Sign in");
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const [step, setStep] = useState<Step>({ name: "password" });
  const [lost] = useState(() => session.standing() === "lost" || (next !== undefined && session.standing() === "out"));

  useEffect(() => {
    if (session.current()) void navigate({ href: safe(next), replace: true });
  }, [navigate, next]);

  async function enter() {
    await navigate({ href: safe(next), replace: true });
  }

  function proceed(outcome: Outcome) {
    if ("challenge" in outcome) {
      setStep({ name: "challenge", challenge: outcome.challenge });
      return;
    }
    session.begin(outcome.done);
    void enter();
  }

  return (
    <main className="mx-auto flex min-h-dvh max-w-100 flex-col justify-center px-4 py-10">
      <div className="flex items-center gap-2.5 font-semibold text-ink">
        <LogoMark />
        BrightRun
      </div>
      <div className="panel mt-4 p-6">
        <h1>{TITLES[step.name]}</h1>
        {lost && step.name === "password" ? (
          <p className="mt-1" role="status">
            You were signed out. Sign in to go on.
          </p>
        ) : null}
        {step.name === "password" ? <PasswordForm onOutcome={proceed} onForgotten={() => setStep({ name: "reset" })} /> : null}
        {step.name === "challenge" ? <ChallengeForm challenge={step.challenge} onOutcome={proceed} /> : null}
        {step.name === "reset" ? <ResetForm onOutcome={proceed} onBack={() => setStep({ name: "password" })} /> : null}
      </div>
      <p className="mt-4 text-13">People are invited. Ask whoever runs this BrightRun.</p>
      <ApiKeyForm onEntered={enter} />
    </main>
  );
}

/** Only an address of this page: never another site that somebody put into a link. */
function safe(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}
