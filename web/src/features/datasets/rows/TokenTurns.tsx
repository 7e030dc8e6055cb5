import type { Token } from "@/features/datasets/api/getPreview";
import { turnsOf, type TokenTurn } from "./token-turns";

/** A row token by token: what is learned lies on petrol with an underline, the rest is only read. */
export function TokenTurns({ tokens }: { tokens: Token[] }) {
  return (
    <div className="rows">
      {turnsOf(tokens).map((turn, at) => (
        <Turn key={`${at}-${turn.role}`} turn={turn} />
      ))}
    </div>
  );
}

function Turn({ turn }: { turn: TokenTurn }) {
  return (
    <div className="turn">
      <span className="cap leading-6" aria-hidden="true">
        {turn.role}
      </span>
      <p className="sr-only">
        {turn.role}, {turn.learned ? "learned" : "only read"}: {turn.text}
      </p>
      <div className="tok" aria-hidden="true">
        {turn.tokens.map((token, at) => (
          <span key={`${at}-${token.id}`} data-trained={token.trained || undefined}>
            {shown(token.text)}
          </span>
        ))}
        {turn.endLearned ? <span className="tok-end">end of turn</span> : null}
      </div>
    </div>
  );
}

/** A line break is a thing that is learned too, so it is shown. */
function shown(text: string): string {
  return text.replaceAll("\n", "↵\n");
}

/** Whole turns, where the tokenizer is not installed on this side. */
export function PlainTurns({ messages }: { messages: Record<string, unknown>[] }) {
  return (
    <div className="rows">
      {messages.map((message, at) => {
        const role = textOf(message.role);
        const learned = role === "assistant" && message.weight !== 0;
        return (
          <div className="turn" key={`${at}-${role}`}>
            <span className="cap leading-6">{role}</span>
            <div className="tok">
              {learned ? <span className="sr-only">learned: </span> : null}
              <span data-trained={learned || undefined}>{textOf(message.content)}</span>
            </div>
          </div>
        );
      })}
    </div>
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "" : JSON.stringify(value);
}
