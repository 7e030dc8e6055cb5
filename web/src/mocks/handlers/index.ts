import { account } from "./account";
import { admin } from "./admin";
import { adminCatalog } from "./admin-catalog";
import { adminUsers } from "./admin-users";
import { apiKeys } from "./api-keys";
import { catalog } from "./catalog";
import { costs } from "./costs";
import { datasets } from "./datasets";
import { importing } from "./importing";
import { jobs } from "./jobs";
import { models } from "./models";
import { notifications } from "./notifications";
import { ownData } from "./own-data";
import { signIn } from "./sign-in";

/** Every call the pages make; one file per feature. */
export const handlers = [...signIn, ...account, ...catalog, ...importing, ...datasets, ...jobs, ...models, ...notifications, ...costs, ...apiKeys, ...admin, ...adminUsers, ...adminCatalog, ...ownData];
