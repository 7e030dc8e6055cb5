import type { Token } from "@/features/datasets/api/getPreview";

export interface TokenTurn {
  role: string;
  tokens: Token[];
  text: string;
  learned: boolean;
  /** Whether the mark that ends the turn is learned too. */
  endLearned: boolean;
}

/** What chat templates write before a turn: a mark, the role, perhaps another mark, a line break. */
const HEADER = /^\s*(?:<[^<>\s]{1,40}>\s*)*(system|user|assistant|tool|developer|ipython|model|human|gpt)(?:<[^<>\s]{1,40}>)?\s*/i;

/** Splits the tokens of a rendered conversation into its turns; where a header is not recognised, the turn is shown as it is. */
export function turnsOf(tokens: Token[]): TokenTurn[] {
  return split(tokens).map(turn).filter((one) => one.tokens.length > 0 || one.endLearned);
}

function split(tokens: Token[]): Token[][] {
  const turns: Token[][] = [[]];
  for (const token of tokens) {
    turns.at(-1)?.push(token);
    if (token.ends_turn) turns.push([]);
  }
  return turns;
}

function turn(tokens: Token[]): TokenTurn {
  const whole = tokens.map((token) => token.text).join("");
  const header = HEADER.exec(whole);
  const body = without(tokens, header?.[0].length ?? 0);
  const last = body.at(-1);
  const ended = last?.ends_turn ? body.slice(0, -1) : body;
  const text = ended.map((token) => token.text).join("");
  const shown = text.trim() === "" && !ended.some((token) => token.trained) ? [] : ended;
  return {
    role: header?.[1]?.toLowerCase() ?? "",
    tokens: shown,
    text,
    learned: tokens.some((token) => token.trained),
    endLearned: last?.ends_turn === true && last.trained,
  };
}

/** The tokens after the first `letters` of text; a token that is only partly header stays. */
function without(tokens: Token[], letters: number): Token[] {
  let passed = 0;
  const first = tokens.findIndex((token) => {
    passed += token.text.length;
    return passed > letters;
  });
  return first === -1 ? [] : tokens.slice(first);
}
