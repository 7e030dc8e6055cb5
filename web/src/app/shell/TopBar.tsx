import { AccountMenu } from "./AccountMenu";
import { Bell } from "@/features/notifications/Bell";
import { Logo } from "./Logo";
import { MonthMeter } from "./MonthMeter";
import { PlaceLinks } from "./PlaceLinks";

export function TopBar({ onShortcuts }: { onShortcuts: () => void }) {
  return (
    <header className="topbar">
      <Logo />
      <PlaceLinks className="places" />
      <div className="ml-auto flex items-center gap-4">
        <MonthMeter />
        <Bell />
        <AccountMenu onShortcuts={onShortcuts} />
      </div>
    </header>
  );
}
