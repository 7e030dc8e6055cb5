import { useNavigate } from "@tanstack/react-router";
import { DropdownMenu as Menu } from "radix-ui";
import { useMe } from "@/features/account/api/getMe";
import { session } from "@/lib/auth/session";
import { THEMES, useTheme } from "./use-theme";

const PAGES = [
  { to: "/notifications", label: "Notifications" },
  { to: "/settings/api-keys", label: "API keys" },
  { to: "/settings/limits", label: "Limits" },
  { to: "/settings/second-step", label: "Second step" },
  { to: "/settings/your-data", label: "Your data" },
] as const;

export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { data: me } = useMe();
  const navigate = useNavigate();
  const [theme, setTheme] = useTheme();
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="account" aria-label={`Account${me?.email ? ` of ${me.email}` : ""}`}>
        {(me ? (me.email ?? "K") : "").slice(0, 1).toUpperCase()}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="end" sideOffset={8}>
          {me?.email ? <Menu.Label className="cap px-3 py-2">{me.email}</Menu.Label> : null}
          {PAGES.map((page) => (
            <Menu.Item key={page.to} className="menu-item" onSelect={() => void navigate({ to: page.to })}>
              {page.label}
            </Menu.Item>
          ))}
          {me?.admin ? (
            <Menu.Item className="menu-item" onSelect={() => void navigate({ to: "/admin" })}>
              Admin
            </Menu.Item>
          ) : null}
          <hr className="rule my-1" />
          <Menu.Label className="cap px-3 pt-1">Theme</Menu.Label>
          <Menu.RadioGroup value={theme} onValueChange={setTheme}>
            {THEMES.map((one) => (
              <Menu.RadioItem key={one} value={one} className="menu-item capitalize" onSelect={(event) => event.preventDefault()}>
                {one}
                <Menu.ItemIndicator>✓</Menu.ItemIndicator>
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <hr className="rule my-1" />
          <Menu.Item className="menu-item" asChild>
            <a href="/docs" target="_blank" rel="noreferrer">
              Documentation
            </a>
          </Menu.Item>
          <Menu.Item className="menu-item" onSelect={onShortcuts}>
            Shortcuts <kbd className="cap font-code">?</kbd>
          </Menu.Item>
          <Menu.Item className="menu-item" onSelect={() => session.end("out")}>
            Sign out
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
