import { expect, test } from "vitest";
import type { Token } from "@/features/datasets/api/getPreview";
import { turnsOf } from "./token-turns";

const token = (text: string, trained = false, ends_turn = false): Token => ({ id: 1, text, trained, ends_turn });

const CHATML = [
  token("<|im_start|>"), token("user"), token("\n"), token("Two"), token("?"), token("<|im_end|>", false, true),
  token("\n"), token("<|im_start|>"), token("assistant"), token("\n"), token("Four", true), token(".", true), token("<|im_end|>", true, true),
  token("\n"),
];

test("a conversation is split into its turns, without the marks of the template", () => {
  const turns = turnsOf(CHATML);
  expect(turns.map((turn) => [turn.role, turn.text])).toEqual([
    ["user", "Two?"],
    ["assistant", "Four."],
  ]);
});

test("only what is learned is said to be learned, the end of a turn too", () => {
  expect(turnsOf(CHATML).map((turn) => [turn.learned, turn.endLearned])).toEqual([
    [false, false],
    [true, true],
  ]);
});

test("headers of other families are known too", () => {
  const llama = [token("<|start_header_id|>"), token("assistant"), token("<|end_header_id|>"), token("\n\n"), token("Yes", true), token("<|eot_id|>", true, true)];
  expect(turnsOf(llama)).toMatchObject([{ role: "assistant", text: "Yes" }]);
});

test("a text without known headers is shown as it is", () => {
  expect(turnsOf([token("Once"), token(" more", true)])).toMatchObject([{ role: "", text: "Once more", learned: true }]);
});
