import { getRouteApi } from "@tanstack/react-router";
import { Tabs } from "radix-ui";
import type { JobPageData } from "./api/getJob";
import { CostTab } from "./CostTab";
import type { LossData } from "./curve/loss-data";
import { LogTab } from "./log/LogTab";
import { LossTab } from "./curve/LossTab";
import { RateTab } from "./curve/RateTab";
import { SettingsTab } from "./SettingsTab";

const route = getRouteApi("/inside/training/jobs/$id");
const TABS = [
  ["loss", "Loss"],
  ["rate", "Learning rate"],
  ["settings", "Settings"],
  ["cost", "Cost"],
  ["log", "Log"],
] as const;
type TabName = (typeof TABS)[number][0];

export function JobTabs({ page, data, failure }: { page: JobPageData; data: LossData; failure?: string | undefined }) {
  const { tab = "loss" } = route.useSearch();
  const navigate = route.useNavigate();
  const choose = (next: string) =>
    void navigate({ search: { tab: next === "loss" ? undefined : (next as TabName) }, replace: true, resetScroll: false });
  return (
    <Tabs.Root value={tab} onValueChange={choose} className="panel pad section !pt-3">
      <Tabs.List className="tabs" aria-label="What the job shows">
        {TABS.map(([name, label]) => (
          <Tabs.Trigger key={name} value={name}>
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="loss">
        <LossTab job={page.job} points={page.metrics} data={data} failure={failure} />
      </Tabs.Content>
      <Tabs.Content value="rate">
        <RateTab job={page.job} points={page.metrics} />
      </Tabs.Content>
      <Tabs.Content value="settings">
        <SettingsTab job={page.job} />
      </Tabs.Content>
      <Tabs.Content value="cost">
        <CostTab page={page} />
      </Tabs.Content>
      <Tabs.Content value="log">
        <LogTab job={page.job} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
