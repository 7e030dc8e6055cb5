/** What is photographed. `mock` are words of src/mocks/scenario.ts; `act` brings up a dialog or a state first. */
export const PAGES = [
  { name: "sign-in", path: "/sign-in", signedOut: true },
  { name: "home", path: "/" },
  { name: "home-empty", path: "/", mock: "empty" },
  { name: "home-failing", path: "/", mock: "failing", wait: 7500 },
  { name: "home-loading", path: "/", mock: "slow" },
  { name: "datasets", path: "/datasets" },
  { name: "datasets-empty", path: "/datasets", mock: "empty" },
  { name: "dataset-new", path: "/datasets/new" },
  { name: "dataset-ready", path: "/datasets/ds-harbour" },
  { name: "dataset-errors", path: "/datasets/ds-errors" },
  { name: "dataset-missing", path: "/datasets/none" },
  { name: "configure", path: "/training/configure?dataset=ds-claims", wait: 1500 },
  { name: "jobs", path: "/training/jobs" },
  { name: "job-running", path: "/training/jobs/job-running" },
  { name: "job-failed", path: "/training/jobs/job-failed" },
  { name: "models", path: "/models" },
  { name: "models-empty", path: "/models", mock: "empty" },
  { name: "models-none", path: "/models?search=zzz" },
  { name: "models-failing", path: "/models", mock: "failing", wait: 7500 },
  { name: "models-loading", path: "/models", mock: "slow" },
  { name: "model-better", path: "/models/model-claims" },
  { name: "model-few", path: "/models/model-harbour" },
  { name: "model-worse", path: "/models/model-claims-fast" },
  { name: "model-missing", path: "/models/none" },
  { name: "model-loading", path: "/models/model-claims", mock: "slow", ready: "[aria-busy]" },
  { name: "model-delete", path: "/models/model-claims", full: false, act: (tab) => deletion(tab) },
  { name: "costs", path: "/costs" },
  { name: "costs-year", path: "/costs?period=year" },
  { name: "costs-empty", path: "/costs", mock: "empty" },
  { name: "costs-failing", path: "/costs", mock: "failing", wait: 7500 },
  { name: "costs-loading", path: "/costs", mock: "slow" },
  { name: "notifications", path: "/notifications", act: (tab) => tab.getByText("Also tell me by").click() },
  { name: "notifications-empty", path: "/notifications", mock: "empty" },
  { name: "notifications-bell", path: "/", full: false, act: (tab) => tab.getByRole("button", { name: /notifications/i }).click() },
  { name: "api-keys", path: "/settings/api-keys" },
  { name: "api-keys-empty", path: "/settings/api-keys", mock: "empty" },
  { name: "api-keys-new", path: "/settings/api-keys", full: false, act: (tab) => newKey(tab) },
  { name: "limits", path: "/settings/limits" },
  { name: "import", path: "/datasets/import" },
  { name: "import-empty", path: "/datasets/import", mock: "empty" },
  { name: "admin-overview", path: "/admin" },
  { name: "admin-gpus", path: "/admin?tab=gpus" },
  { name: "admin-users", path: "/admin?tab=users" },
  { name: "admin-functions", path: "/admin?tab=functions" },
];

async function deletion(tab) {
  await tab.getByRole("button", { name: "More" }).filter({ visible: true }).click();
  await tab.getByRole("menuitem", { name: "Delete" }).click();
  await tab.waitForTimeout(200);
}

async function newKey(tab) {
  await tab.getByRole("button", { name: "New key" }).filter({ visible: true }).first().click();
  await tab.getByLabel("Name").fill("Nightly training");
  await tab.getByRole("button", { name: "Make the key" }).click();
  await tab.waitForTimeout(400);
}
