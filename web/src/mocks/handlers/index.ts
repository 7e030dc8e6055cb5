import { account } from "./account";
import { catalog } from "./catalog";
import { datasets } from "./datasets";
import { jobs } from "./jobs";
import { models } from "./models";
import { notifications } from "./notifications";
import { signIn } from "./sign-in";

/** Every call the pages make; one file per feature. */
export const handlers = [...signIn, ...account, ...catalog, ...datasets, ...jobs, ...models, ...notifications];
