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
  { name: "dataset-resume", path: "/datasets/new?resume=ds-tone" },
  { name: "dataset-chosen", path: "/datasets/new", act: (tab) => choose(tab) },
  { name: "job-log", path: "/training/jobs/job-running?tab=log" },
  { name: "job-settings", path: "/training/jobs/job-failed?tab=settings" },
  { name: "job-completed", path: "/training/jobs/job-claims" },
  { name: "job-paused", path: "/training/jobs/job-paused" },
  { name: "job-waiting", path: "/training/jobs/job-waiting" },
  { name: "job-cancel", path: "/training/jobs/job-running", full: false, act: (tab) => cancel(tab) },
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

async function choose(tab) {
  const text = '{"messages": [{"role": "user", "content": "What does bread cost?"}]}\n'.repeat(3);
  await tab.setInputFiles("input[type=file]", { name: "harbour.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(text) });
  await tab.getByText("How it is checked").click();
  await tab.waitForTimeout(300);
}

async function cancel(tab) {
  await tab.getByRole("button", { name: "Cancel job" }).filter({ visible: true }).first().click();
  await tab.waitForSelector("[role=alertdialog]");
}
