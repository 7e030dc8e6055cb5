/** Which world the mocks answer from: `localStorage["brightrun.mock"]`, words separated by spaces. */
export const SCENARIOS = ["empty", "failing", "slow", "signed-out"] as const;
export type Scenario = (typeof SCENARIOS)[number];

export function scenario(name: Scenario): boolean {
  return (window.localStorage.getItem("brightrun.mock") ?? "").split(" ").includes(name);
}
