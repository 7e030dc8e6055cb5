/** A prompt is kept as one text; where the roles stand alone on a line it is taken apart again. */
export interface Turn {
  role: string;
  text: string;
}

const MARKS = /<\|im_start\|>|<\|im_end\|>|<\|start_header_id\|>|<\|end_header_id\|>|<\|eot_id\|>|<\|begin_of_text\|>/g;
const ROLE_LINE = /^(system|user|assistant|tool|developer)[ \t]*$/gm;
const ROLE_COLON = /^(system|user|assistant|tool|developer):[ \t]*/gim;
const EMPTY_THOUGHT = /<think>\s*<\/think>/g;

/** The turns of a prompt; null where one cannot be sure, and the text is then shown as it is. */
export function turnsOf(prompt: string): Turn[] | null {
  const plain = prompt.replaceAll(MARKS, "").replaceAll(EMPTY_THOUGHT, "");
  const turns = split(plain, ROLE_LINE) ?? split(plain, ROLE_COLON);
  const said = turns?.filter((turn) => turn.text !== "") ?? [];
  return said.at(-1)?.role === "user" ? said : null;
}

function split(text: string, role: RegExp): Turn[] | null {
  const found = [...text.matchAll(role)];
  const [first] = found;
  if (!first || text.slice(0, first.index).trim() !== "") return null;
  return found.map((match, n) => ({
    role: (match[1] ?? "").toLowerCase(),
    text: text.slice(match.index + match[0].length, found[n + 1]?.index).trim(),
  }));
}
