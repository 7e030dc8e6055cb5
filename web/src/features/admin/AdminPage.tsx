import { getRouteApi } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import { PageHead } from "@/components/PageHead";
import { useActiveInSight } from "@/components/hooks/use-active-in-sight";
import { Catalogue } from "./catalogue/Catalogue";
import { Functions } from "./Functions";
import { Gpus } from "./Gpus";
import { OnlyAdmins } from "./OnlyAdmins";
import { Overview } from "./Overview";
import { Unreadable } from "./Unreadable";
import { Users } from "./Users";

const route = getRouteApi("/inside/admin");
const TABS = [
  { key: "overview", label: "Overview", Content: Overview },
  { key: "gpus", label: "GPUs", Content: Gpus },
  { key: "users", label: "Users", Content: Users },
  { key: "functions", label: "Functions", Content: Functions },
  { key: "catalogue", label: "Catalogue", Content: Catalogue },
  { key: "unreadable", label: "Unreadable", Content: Unreadable },
] as const;

/** For members of the group `admin`. */
export function AdminPage() {
  return (
    <OnlyAdmins title="Admin">
      <PageHead title="Admin" />
      <div className="mt-4">
        <Parts />
      </div>
    </OnlyAdmins>
  );
}

function Parts() {
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const row = useActiveInSight(tab);
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => {
        const chosen = TABS.find((one) => one.key === value)?.key;
        void navigate({ search: chosen === "overview" ? {} : { tab: chosen }, replace: true });
      }}
    >
      <Tabs.List className="tabs relative" ref={row} aria-label="Parts of the administration">
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
