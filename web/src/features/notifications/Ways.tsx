import { Switch } from "radix-ui";
import { useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { Dialog } from "@/components/Dialog";
import { ErrorNote } from "@/components/states/ErrorNote";
import { Field } from "@/components/Field";
import { Loaded } from "@/components/states/Loaded";
import { Skeleton } from "@/components/states/Skeleton";
import { useMe } from "@/features/account/api/getMe";
import { failureOf } from "@/lib/api/failure";
import { useChangeDelivery } from "./api/changeDeliverySettings";
import { useDeliverySettings, type DeliverySettings } from "./api/getDeliverySettings";
import { Deliveries } from "./Deliveries";
import { TestWebhook } from "./TestWebhook";

/** The other ways a notification can go out: by mail, and to an address of one's own. */
export function Ways() {
  const [open, setOpen] = useState(false);
  return (
    <details className="section" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer py-2">
        <h2 className="inline">Also tell me by</h2> <span className="text-13 text-ink-3">e-mail, or a webhook of your own</span>
      </summary>
      {open ? <Inside /> : null}
    </details>
  );
}

function Inside() {
  const query = useDeliverySettings();
  return (
    <div className="mt-3">
      <Loaded query={query} what="The settings" skeleton={<Skeleton rows={2} height={84} />}>
        {(settings) => (
          <div className="panel rows">
            <Mail settings={settings} />
            <Webhook settings={settings} />
          </div>
        )}
      </Loaded>
      <Deliveries />
    </div>
  );
}

function Mail({ settings }: { settings: DeliverySettings }) {
  const change = useChangeDelivery();
  const { data: me } = useMe();
  const address = settings.email ?? me?.email;
  const isOn = settings.email !== null;
  return (
    <div className="pad">
      <div className="flex items-center justify-between gap-4">
        <label htmlFor="by-mail" className="min-w-0">
          <span className="strong block">E-mail</span>
          <span className="text-13">{address ? `To ${address}, where you sign in.` : "To the address where you sign in."}</span>
        </label>
        <Switch.Root id="by-mail" className="switch" checked={isOn} disabled={change.isPending} onCheckedChange={(email) => change.mutate({ email })}>
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      <ErrorNote error={change.error} />
    </div>
  );
}

function Webhook({ settings }: { settings: DeliverySettings }) {
  const change = useChangeDelivery();
  const [address, setAddress] = useState(settings.webhook_url ?? "");
  const [secret, setSecret] = useState<string | null>(null);
  const failure = change.error ? failureOf(change.error) : null;
  const wrong = failure?.fields.webhook_url?.join(" ");
  return (
    <form
      className="pad"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ webhook_url: address.trim() }, { onSuccess: (after) => setSecret(after.webhook_secret ?? null) });
      }}
    >
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-72">
          <Field
            label="Webhook"
            type="url"
            inputMode="url"
            placeholder="https://"
            maxLength={500}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            hint="A public address that begins with https. Each message is signed with a secret."
            wrong={wrong}
          />
        </div>
        <div className="flex gap-2 tablet:pt-6.5">
          <button type="submit" className="btn" disabled={change.isPending || address.trim() === "" || address.trim() === settings.webhook_url}>
            {change.isPending ? "Saving …" : "Save"}
          </button>
          {settings.webhook_url ? (
            <button type="button" className="btn btn-quiet" disabled={change.isPending} onClick={() => change.mutate({ webhook_url: null }, { onSuccess: () => setAddress("") })}>
              Switch off
            </button>
          ) : null}
        </div>
      </div>
      {wrong ? null : <ErrorNote error={change.error} />}
      {settings.webhook_url ? <TestWebhook /> : null}
      <Secret secret={secret} onClose={() => setSecret(null)} />
    </form>
  );
}

function Secret({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  return (
    <Dialog open={secret !== null} onClose={onClose} title="The webhook’s secret">
      <p>This is shown once. With it the receiver checks that a message comes from here.</p>
      <pre className="code mt-3">{secret}</pre>
      <div className="dialog-acts">
        <CopyButton text={secret ?? ""} of="the secret" label="Copy" />
        <button type="button" className="btn" onClick={onClose}>
          I have it
        </button>
      </div>
    </Dialog>
  );
}
