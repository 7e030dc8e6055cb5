import { account } from "./account";
import { admin } from "./admin";
import { apiKeys } from "./api-keys";
import { catalog } from "./catalog";
import { costs } from "./costs";
import { datasets } from "./datasets";
import { importing } from "./importing";
import { jobs } from "./jobs";
import { models } from "./models";
import { notifications } from "./notifications";
import { signIn } from "./sign-in";

/** Every call the pages make; one file per feature. */
export const handlers = [...signIn, ...account, ...catalog, ...importing, ...datasets, ...jobs, ...models, ...notifications, ...costs, ...apiKeys, ...admin];
