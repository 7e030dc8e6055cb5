import { useCalm } from "./use-calm";

interface Props {
  /** How things stand, in one sentence. */
  text: string;
  /** What a change of means a new state; while it stays, the sentence changes at most each 30 s. */
  kind?: string;
  /** Whether the sentence is only read again by a screen reader where the page says so itself. */
  silent?: boolean;
}

/** The one serif sentence of a page. */
export function StateSentence({ text, kind, silent = false }: Props) {
  const calm = useCalm(text, kind ?? text);
  return (
    <p className="say" role={silent ? undefined : "status"}>
      {glue(kind === undefined ? text : calm)}
    </p>
  );
}

/** Keeps a number and its unit on one line. */
function glue(text: string): string {
  return text.replaceAll(/(\d) (min|h|s|%|minutes?|GB|MB|kB|B)(?=[\s.,;]|$)/g, "$1\u00a0$2").replaceAll(/about (\d|\$)/g, "about\u00a0$1");
}
