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
];
