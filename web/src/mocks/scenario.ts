/** Which world the mocks answer from: `localStorage["brightrun.mock"]`, words separated by spaces. */
type Scenario = "empty" | "failing" | "slow" | "many" | "stopping";

export function scenario(name: Scenario): boolean {
  return (window.localStorage.getItem("brightrun.mock") ?? "").split(" ").includes(name);
}
