import { useCalm } from "@/components/hooks/use-calm";

interface Props {
  /** How things stand, in one sentence. */
  text: string;
  /** What a change of means a new state; while it stays, the sentence changes at most each 30 s. */
  kind?: string;
  /** Whether the sentence is only read again by a screen reader where the page says so itself. */
  silent?: boolean;
  /** While there is nothing to say yet: whether something is on its way. */
  pending?: boolean;
}

/** The one serif sentence of a page. */
export function StateSentence({ text, kind, silent = false, pending = false }: Props) {
  const calm = useCalm(text, kind ?? text);
  if (text === "") return pending ? <p className="say" aria-hidden="true"><span className="late grey mt-1 inline-block h-7 w-3/5" /></p> : null;
  return (
    <p className="say" role={silent ? undefined : "status"}>
      {glue(kind === undefined ? text : calm)}
    </p>
  );
}

/** Keeps a number and its unit on one line. */
function glue(text: string): string {
  return text.replaceAll(/(\d) (min|h|s|%|minutes?|GB|MB|kB|B)(?=[\s.,;]|$)/g, "$1\u00a0$2").replaceAll(/about (\d|\$)/g, "about\u00a0$1").replaceAll(/(\d) ([A-Z][a-z]{2}), (\d\d:)/g, "$1\u00a0$2,\u00a0$3");
}
