import { AlertDialog } from "radix-ui";
import type { ReactNode } from "react";
import { ErrorNote } from "./states/ErrorNote";
import { useFocusReturn } from "./hooks/use-focus-return";

interface Props {
  open: boolean;
  onClose: () => void;
  /** Asks: "Delete this dataset?" */
  title: string;
  /** Consequence and money. */
  children: ReactNode;
  /** The harmless button; it has the focus. */
  keep: string;
  /** The button that cannot be undone. */
  act: string;
  onAct: () => void;
  busy: boolean;
  busyWord: string;
  /** Whether what is asked for besides was given; without it the button does nothing. */
  ready?: boolean;
  error?: unknown;
  /** A third way, before the other two. */
  instead?: ReactNode;
}

/** For what cannot be undone. Escape closes; the focus is on the harmless button. */
export function ConfirmDialog(props: Props) {
  const focus = useFocusReturn();
  return (
    <AlertDialog.Root open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="veil" />
        <AlertDialog.Content className="dialog" {...focus}>
          <AlertDialog.Title className="text-20 font-semibold text-ink">{props.title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-3 flex flex-col gap-2">{props.children}</div>
          </AlertDialog.Description>
          <ErrorNote error={props.error} />
          <div className="dialog-acts">
            {props.instead}
            <AlertDialog.Cancel className="btn">{props.keep}</AlertDialog.Cancel>
            <button type="button" className="btn btn-final" disabled={props.busy || props.ready === false} onClick={props.onAct}>
              {props.busy ? props.busyWord : props.act}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
