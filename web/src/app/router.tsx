import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, type RouterHistory } from "@tanstack/react-router";
import { AppLayout } from "./shell/AppLayout";
import { BrokenPage } from "./shell/BrokenPage";
import { NoSuchPage } from "./shell/NoSuchPage";
import { Root } from "./shell/Root";
import { session } from "@/lib/auth/session";
import { flag, whole, word, words } from "@/lib/search-params";

const DATASET_STATUSES = ["uploading", "validating", "ready", "error"] as const;
const JOB_STATUSES = ["queued", "initializing", "running", "paused", "completed", "failed", "cancelled"] as const;
const MODEL_STATUSES = ["stored", "testing", "production", "archived"] as const;
const ADMIN_TABS = ["overview", "gpus", "users", "functions", "catalogue", "unreadable"] as const;
const USER_TABS = ["access", "audit", "data"] as const;
const JOB_TABS = ["loss", "rate", "settings", "cost", "log"] as const;

const root = createRootRoute({ component: Root, notFoundComponent: NoSuchPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (raw: Record<string, unknown>): { next?: string } => ({ next: words(raw, "next") }),
  component: lazyRouteComponent(() => import("@/features/sign-in/SignInPage"), "SignInPage"),
});

/** Everything behind the sign-in. A reload renews the token before anything is asked for. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: AppLayout,
  beforeLoad: async ({ location }) => {
    if (!(await session.restore())) {
      const next = location.href === "/" ? undefined : location.href;
      throw redirect({ to: "/sign-in", search: { next } });
    }
  },
});
const within = { getParentRoute: () => inside } as const;

const home = createRoute({
  ...within,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/home/HomePage"), "HomePage"),
});
const datasets = createRoute({
  ...within,
  path: "/datasets",
  validateSearch: (raw: Record<string, unknown>): { status?: (typeof DATASET_STATUSES)[number]; search?: string; page?: number } => ({
    status: word(raw, "status", DATASET_STATUSES),
    search: words(raw, "search"),
    page: whole(raw, "page"),
  }),
  component: lazyRouteComponent(() => import("@/features/datasets/DatasetsPage"), "DatasetsPage"),
});
const newDataset = createRoute({
  ...within,
  path: "/datasets/new",
  validateSearch: (raw: Record<string, unknown>): { mends?: string; resume?: string } => ({
    mends: words(raw, "mends"),
    resume: words(raw, "resume"),
  }),
  component: lazyRouteComponent(() => import("@/features/datasets/NewDatasetPage"), "NewDatasetPage"),
});
const importDataset = createRoute({
  ...within,
  path: "/datasets/import",
  component: lazyRouteComponent(() => import("@/features/datasets/ImportPage"), "ImportPage"),
});
const dataset = createRoute({
  ...within,
  path: "/datasets/$id",
  validateSearch: (raw: Record<string, unknown>): { line?: number; severity?: "error" | "warning"; code?: string; page?: number } => ({
    line: whole(raw, "line"),
    severity: word(raw, "severity", ["error", "warning"] as const),
    code: words(raw, "code"),
    page: whole(raw, "page"),
  }),
  component: lazyRouteComponent(() => import("@/features/datasets/DatasetPage"), "DatasetPage"),
});
const training = createRoute({
  ...within,
  path: "/training",
  beforeLoad: () => {
    throw redirect({ to: "/training/jobs" });
  },
});
const configure = createRoute({
  ...within,
  path: "/training/configure",
  validateSearch: (raw: Record<string, unknown>): { dataset?: string; from?: string } => ({
    dataset: words(raw, "dataset"),
    from: words(raw, "from"),
  }),
  component: lazyRouteComponent(() => import("@/features/configure/ConfigurePage"), "ConfigurePage"),
});
const jobs = createRoute({
  ...within,
  path: "/training/jobs",
  validateSearch: (raw: Record<string, unknown>): { status?: (typeof JOB_STATUSES)[number]; dataset?: string; search?: string; page?: number } => ({
    status: word(raw, "status", JOB_STATUSES),
    dataset: words(raw, "dataset"),
    search: words(raw, "search"),
    page: whole(raw, "page"),
  }),
  component: lazyRouteComponent(() => import("@/features/jobs/JobsPage"), "JobsPage"),
});
const job = createRoute({
  ...within,
  path: "/training/jobs/$id",
  validateSearch: (raw: Record<string, unknown>): { tab?: (typeof JOB_TABS)[number] } => ({ tab: word(raw, "tab", JOB_TABS) }),
  component: lazyRouteComponent(() => import("@/features/jobs/JobPage"), "JobPage"),
});
const models = createRoute({
  ...within,
  path: "/models",
  validateSearch: (raw: Record<string, unknown>): { sort?: "created_at" | "quality"; search?: string; status?: (typeof MODEL_STATUSES)[number]; page?: number } => ({
    sort: word(raw, "sort", ["created_at", "quality"] as const),
    search: words(raw, "search"),
    status: word(raw, "status", MODEL_STATUSES),
    page: whole(raw, "page"),
  }),
  component: lazyRouteComponent(() => import("@/features/models/ModelsPage"), "ModelsPage"),
});
const model = createRoute({
  ...within,
  path: "/models/$id",
  component: lazyRouteComponent(() => import("@/features/models/ModelPage"), "ModelPage"),
});
const costs = createRoute({
  ...within,
  path: "/costs",
  validateSearch: (raw: Record<string, unknown>): { period?: "week" | "month" | "year"; start?: string; end?: string } => ({
    period: word(raw, "period", ["week", "month", "year"] as const),
    start: words(raw, "start"),
    end: words(raw, "end"),
  }),
  component: lazyRouteComponent(() => import("@/features/costs/CostsPage"), "CostsPage"),
});
const notifications = createRoute({
  ...within,
  path: "/notifications",
  validateSearch: (raw: Record<string, unknown>): { unread?: true } => ({ unread: flag(raw, "unread") }),
  component: lazyRouteComponent(() => import("@/features/notifications/NotificationsPage"), "NotificationsPage"),
});
const apiKeys = createRoute({
  ...within,
  path: "/settings/api-keys",
  component: lazyRouteComponent(() => import("@/features/api-keys/ApiKeysPage"), "ApiKeysPage"),
});
const limits = createRoute({
  ...within,
  path: "/settings/limits",
  component: lazyRouteComponent(() => import("@/features/limits/LimitsPage"), "LimitsPage"),
});
const secondStep = createRoute({
  ...within,
  path: "/settings/second-step",
  component: lazyRouteComponent(() => import("@/features/second-step/SecondStepPage"), "SecondStepPage"),
});
const ownData = createRoute({
  ...within,
  path: "/settings/your-data",
  component: lazyRouteComponent(() => import("@/features/own-data/OwnDataPage"), "OwnDataPage"),
});
const admin = createRoute({
  ...within,
  path: "/admin",
  validateSearch: (raw: Record<string, unknown>): { tab?: (typeof ADMIN_TABS)[number] } => ({ tab: word(raw, "tab", ADMIN_TABS) }),
  component: lazyRouteComponent(() => import("@/features/admin/AdminPage"), "AdminPage"),
});
const adminUser = createRoute({
  ...within,
  path: "/admin/users/$id",
  validateSearch: (raw: Record<string, unknown>): { tab?: (typeof USER_TABS)[number] } => ({ tab: word(raw, "tab", USER_TABS) }),
  component: lazyRouteComponent(() => import("@/features/admin/user/UserPage"), "UserPage"),
});

/** Any other address: said within the bar, so that one can go on from there. */
const elsewhere = createRoute({ ...within, path: "$", component: NoSuchPage });

const tree = root.addChildren([
  signIn,
  inside.addChildren([
    home, datasets, newDataset, importDataset, dataset, training, configure, jobs, job,
    models, model, costs, notifications, apiKeys, limits, secondStep, ownData, admin, adminUser, elsewhere,
  ]),
]);

export function makeRouter(history?: RouterHistory) {
  return createRouter({ routeTree: tree, ...(history ? { history } : {}), defaultPreload: "intent", defaultPreloadStaleTime: 0, defaultErrorComponent: BrokenPage, scrollRestoration: true });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
