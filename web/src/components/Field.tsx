import { useId, type ComponentProps, type ReactNode } from "react";

interface Props extends Omit<ComponentProps<"input">, "id"> {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
}

/** A labelled field; what is wrong with it stands under it. */
export function Field({ label, hint, wrong, ...input }: Props) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", wrong ? `${id}-wrong` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" aria-invalid={wrong ? true : undefined} aria-describedby={described || undefined} {...input} />
      {hint ? (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      ) : null}
      {wrong ? (
        <p id={`${id}-wrong`} className="wrong" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
