import { describe, expect, test } from "vitest";
import { MODEL_DETAILS } from "@/mocks/fixtures/model-details";
import { modelFigures } from "./model-figures";
import { modelsSentence } from "./models-sentence";
import { checksums, folderOf, toCheck, withTransformers, withVllm } from "./snippets";
import { canUndo, movesOf } from "./status-moves";
import { turnsOf } from "./turns";
import { conversationsNeeded, lossMoved, promptGain, verdictSentence } from "./verdict";

const [better, worse, few] = MODEL_DETAILS as [(typeof MODEL_DETAILS)[number], (typeof MODEL_DETAILS)[number], (typeof MODEL_DETAILS)[number]];
const comparison = better.comparison!;

describe("the sentence of a model", () => {
  test("says a bad result as plainly as a good one", () => {
    expect(verdictSentence(better, "Qwen3 8B")).toBe("Better than Qwen3 8B on answers it had never seen, and more so after their own prompts.");
    expect(verdictSentence(worse, "Qwen3 8B")).toBe("Worse than its base model on answers it had never seen.");
    expect(verdictSentence(few, "Qwen3 8B")).toBe("Not shown to be better than its base model: 5 held-out conversations are too few to tell.");
    expect(verdictSentence({ ...better, comparison: null }, "Qwen3 8B")).toBe("Nothing was held out, so it was not compared with its base model.");
    expect(verdictSentence({ ...few, comparison: { ...few.comparison!, reason: "" } }, "Qwen3 8B")).toBe("Not shown to be better than its base model.");
  });

  test("what would help is said only where too few were held out", () => {
    expect(conversationsNeeded(few)).toBe(100);
    expect(conversationsNeeded(better)).toBeNull();
    expect(conversationsNeeded({ ...few, comparison: { ...few.comparison!, reason: "The difference on the held-out answers may be chance." } })).toBeNull();
  });
});

describe("base against adapter in words", () => {
  test("a fall is said with its bounds the right way round, a rise as a rise", () => {
    expect(lossMoved(comparison)).toEqual({ moved: "fell", by: "0.99", between: "0.92 to 1.06" });
    expect(lossMoved(worse.comparison!)).toEqual({ moved: "rose", by: "0.11", between: "0.04 to 0.19" });
    expect(lossMoved({ ...comparison, difference: -0.02, difference_low: -0.1, difference_high: 0.06 }).between).toBe("−0.06 to 0.10");
  });

  test("the gain of the own prompt is claimed only where its lower bound is above nothing", () => {
    expect(promptGain(comparison)).toContain("likelier than after another’s by 0.41 (0.36 to 0.47)");
    expect(promptGain(few.comparison!)).toBe("After its own prompt an answer is no likelier than after another’s: 0.01 (−0.07 to 0.06).");
    expect(promptGain({ ...comparison, prompt_gain: null })).toBeNull();
  });
});

describe("figures", () => {
  test("what was not measured is a dash, never a zero", () => {
    const quality = { ...better.quality_metrics, final_training_loss: null, final_validation_loss: null, perplexity: null, loss_improvement: null };
    const [training, held] = modelFigures({ ...better, quality_metrics: quality });
    expect([training?.value, training?.note, held?.value, held?.note]).toEqual(["–", "not recorded at the start", "–", "nothing was held out"]);
  });

  test("an infinite perplexity is beyond measure", () => {
    const quality = { ...better.quality_metrics, perplexity: null, perplexity_is_infinite: true };
    expect(modelFigures({ ...better, quality_metrics: quality })[1]?.note).toBe("perplexity beyond measure");
  });
});

describe("a prompt taken apart", () => {
  test.each([
    ["system\nBe brief.\nuser\nWhat is bread?\nassistant\n<think>\n\n</think>\n\n", ["system", "user"]],
    ["<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", ["user"]],
    ["user: Hello\nassistant: Hi\nuser: And now?\nassistant: ", ["user", "assistant", "user"]],
  ])("%# by role names at a line's start", (prompt, roles) => {
    expect(turnsOf(prompt)?.map((turn) => turn.role)).toEqual(roles);
  });

  test.each([["What is bread?"], ["…end of a cut text\nuser\nHello\n"], ["assistant\nHi\n"]])("%# is left whole where one cannot be sure", (prompt) => {
    expect(turnsOf(prompt)).toBeNull();
  });
});

describe("how to use it", () => {
  test("a folder is named so that every shell takes it", () => {
    expect(folderOf("Claims desk – réponses (v2)")).toBe("claims-desk-reponses-v2");
    expect(folderOf("回答")).toBe("adapter");
  });

  test("the revision is always written out", () => {
    for (const code of [withTransformers(better), withVllm(better, 16)]) expect(code).toContain("b968826d9c46dd6066d109eabc6255188de91218");
  });

  test("vLLM is told of a rank above its own default, rounded up to one it knows", () => {
    expect(withVllm(better, 16)).not.toContain("--max-lora-rank");
    expect(withVllm(better, 24)).toContain("--max-lora-rank 32");
  });

  test("checksums are as sha256sum reads them, one line a file", () => {
    const lines = checksums(better.manifest).trimEnd().split("\n");
    expect(lines).toHaveLength(better.manifest.length);
    expect(lines[0]).toBe("87e2de8279c64e447f0f75496ddf1a5289a4cf505b5146d533373fad8f239120  adapter_model.safetensors");
    expect(toCheck(better, better.manifest)).toContain(lines[0]);
  });
});

describe("moving a model", () => {
  test("nothing goes to production untested", () => {
    expect(movesOf("stored").first?.to).toBe("testing");
    expect(movesOf("stored").others.find((move) => move.to === "production")?.barred).toBe("Test it first.");
    expect(movesOf("testing").first?.to).toBe("production");
  });

  test("undo is offered only where the way back is allowed", () => {
    expect(canUndo("stored", "testing")).toBe(true);
    expect(canUndo("production", "archived")).toBe(false);
  });
});

test("the list says how many there are and how good the best is", () => {
  expect(modelsSentence(6, better)).toBe("6 models; the best has four stars.");
  expect(modelsSentence(1, few)).toBe("One model; it has two stars.");
  expect(modelsSentence(0, undefined)).toBe("No model yet.");
});
