import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StateSentence } from "./StateSentence";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** What a screen reader hears: each text that the status has had. */
async function heard(seconds: number, textAt: (second: number) => [text: string, kind: string]): Promise<string[]> {
  const [text, kind] = textAt(0);
  const page = render(<StateSentence text={text} kind={kind} />);
  const said = [screen.getByRole("status").textContent];
  for (let second = 5; second <= seconds; second += 5) {
    const [next, state] = textAt(second);
    page.rerender(<StateSentence text={next} kind={state} />);
    await act(() => vi.advanceTimersByTimeAsync(5000));
    const now = screen.getByRole("status").textContent;
    if (now !== said.at(-1)) said.push(now);
  }
  return said;
}

test("a sentence that changes with each poll is heard at most twice a minute", async () => {
  const said = await heard(120, (second) => [`Training, step ${second}.`, "training"]);
  expect(said.length).toBeGreaterThan(2);
  expect(said.length).toBeLessThanOrEqual(1 + 120 / 30 + 1);
});

test("the same sentence is heard once, however often it is asked for", async () => {
  expect(await heard(60, () => ["Waiting costs nothing.", "waiting"])).toHaveLength(1);
});

test("a new state is heard at once", async () => {
  const said = await heard(10, (second) => (second < 10 ? [`Training, step ${second}.`, "training"] : ["Finished.", "completed"]));
  expect(said.at(-1)).toBe("Finished.");
});
