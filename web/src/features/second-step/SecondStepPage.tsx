import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Loaded } from "@/components/states/Loaded";
import { ErrorNote } from "@/components/states/ErrorNote";
import { PageHead } from "@/components/PageHead";
import { Skeleton } from "@/components/states/Skeleton";
import { StateSentence } from "@/components/states/StateSentence";
import { useMe } from "@/features/account/api/getMe";
import { dropSecondStep, hasSecondStep, newSecret } from "@/lib/auth/second-step";
import { toast } from "@/lib/toast";
import { SetUp } from "./SetUp";

const KEY = ["second-step"];

/** A code of an authenticator, beside the password: switched on and off here by whom it protects. */
export function SecondStepPage() {
  const query = useQuery({ queryKey: KEY, queryFn: hasSecondStep });
  return (
    <>
      <PageHead title="Second step" />
      <StateSentence text={query.data === undefined ? "" : sentence(query.data)} pending={query.isPending} />
      <Loaded query={query} what="Your second step" skeleton={<Skeleton rows={1} height={120} />}>
        {(isOn) => (isOn === null ? null : <Switch isOn={isOn} />)}
      </Loaded>
    </>
  );
}

function sentence(isOn: boolean | null): string {
  if (isOn === null) return "You came in with an API key. A second step belongs to the sign-in with a password.";
  return isOn ? "Your password and a code of your authenticator open your account." : "Your password alone opens your account.";
}

function Switch({ isOn }: { isOn: boolean }) {
  const client = useQueryClient();
  const me = useMe().data;
  const offer = useMutation({ mutationFn: newSecret });
  const drop = useMutation({ mutationFn: dropSecondStep, onSuccess: () => settled("The second step is off.") });

  function settled(words: string) {
    offer.reset();
    toast(words);
    void client.invalidateQueries({ queryKey: KEY });
  }

  if (offer.data) return <SetUp secret={offer.data} email={me?.email ?? "you"} onDone={() => settled("The second step is on.")} onLeave={() => offer.reset()} />;
  return (
    <div className="section">
      <p className="mb-4 max-w-[72ch]">
        {isOn
          ? "If the authenticator is lost, whoever runs this BrightRun can let you in again."
          : "With a second step a stolen password opens nothing: each sign-in also asks for the six digits that an authenticator on your phone shows."}
      </p>
      {isOn ? (
        <button type="button" className="btn btn-danger" disabled={drop.isPending} onClick={() => drop.mutate()}>
          {drop.isPending ? "Switching off …" : "Switch it off"}
        </button>
      ) : (
        <button type="button" className="btn btn-primary" disabled={offer.isPending} onClick={() => offer.mutate()}>
          {offer.isPending ? "Asking …" : "Set it up"}
        </button>
      )}
      <ErrorNote error={offer.error ?? drop.error} />
    </div>
  );
}
