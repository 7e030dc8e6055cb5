import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Field } from "@/components/Field";
import { refusalWords } from "@/features/sign-in/words";
import { confirmSecret, otpAddress } from "@/lib/auth/second-step";
import { QrCode } from "./QrCode";

interface Props {
  secret: string;
  email: string;
  onDone: () => void;
  onLeave: () => void;
}

/** The secret as a picture and in letters, and the code that shows it has arrived. */
export function SetUp({ secret, email, onDone, onLeave }: Props) {
  const [code, setCode] = useState("");
  const confirming = useMutation({ mutationFn: () => confirmSecret(code.trim()), onSuccess: onDone });
  return (
    <form
      className="panel pad mt-8 flex max-w-140 flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        confirming.mutate();
      }}
    >
      <div className="flex flex-wrap items-center gap-6">
        <QrCode text={otpAddress(secret, email)} label="The secret, for the camera of an authenticator" />
        <div className="min-w-48 flex-1">
          <p>Read the picture with an authenticator, or type the secret into it:</p>
          <div className="mt-3 flex items-center gap-2">
            <code className="code min-w-0 flex-1 !px-3 !py-2 wrap-anywhere" aria-label="The secret">
              {secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}
            </code>
            <CopyButton text={secret} of="the secret" />
          </div>
        </div>
      </div>
      <Field
        label="The code it shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        required
        value={code}
        wrong={refusalWords(confirming.error)}
        onChange={(event) => setCode(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <button type="submit" className="btn btn-primary" disabled={confirming.isPending || code.trim().length < 6}>
          {confirming.isPending ? "Checking …" : "Switch it on"}
        </button>
        <button type="button" className="btn" onClick={onLeave}>
          Leave it
        </button>
      </div>
    </form>
  );
}
