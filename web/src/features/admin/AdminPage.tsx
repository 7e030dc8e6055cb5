import { getRouteApi } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { Loaded } from "@/components/Loaded";
import { PageHead } from "@/components/PageHead";
import { PageSkeleton } from "@/components/Skeleton";
import { useMe } from "@/features/account/api/getMe";
import { Functions } from "./Functions";
import { Gpus } from "./Gpus";
import { Overview } from "./Overview";
import { Users } from "./Users";

const route = getRouteApi("/inside/admin");
const TABS = [
  { key: "overview", label: "Overview", Content: Overview },
  { key: "gpus", label: "GPUs", Content: Gpus },
  { key: "users", label: "Users", Content: Users },
  { key: "functions", label: "Functions", Content: Functions },
] as const;

/** For members of the group `admin`; everybody else is told so, and the API refuses them as well. */
export function AdminPage() {
  const me = useMe();
  return (
    <>
      <PageHead title="Admin" />
      <div className="mt-4">
        <Loaded query={me} what="Who you are" skeleton={<PageSkeleton />}>
          {({ admin }) => (admin ? <Parts /> : <NotForYou />)}
        </Loaded>
      </div>
    </>
  );
}

function NotForYou() {
  return (
    <div className="note" data-tone="bad" role="alert">
      <p className="strong">You may not see this.</p>
      <p>It is for administrators. Ask whoever runs this BrightRun.</p>
    </div>
  );
}

function Parts() {
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => {
        const chosen = TABS.find((one) => one.key === value)?.key;
        void navigate({ search: chosen === "overview" ? {} : { tab: chosen }, replace: true });
      }}
    >
      <Tabs.List className="tabs" aria-label="Parts of the administration">
        {TABS.map(({ key, label }) => (
          <Tabs.Trigger key={key} value={key}>
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {TABS.map(({ key, Content }) => (
        <Tabs.Content key={key} value={key} tabIndex={-1}>
          <Content />
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
