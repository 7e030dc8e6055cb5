import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { session } from "@/lib/auth/session";
import { PlaceLinks } from "./PlaceLinks";
import { Shortcuts } from "./Shortcuts";
import { TopBar } from "./TopBar";

/** Everything behind the sign-in: the bar, the page, the tab bar of a phone. */
export function AppLayout() {
  const [shortcuts, setShortcuts] = useState(false);
  useLeaveWhenSignedOut();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <TopBar onShortcuts={() => setShortcuts(true)} />
      <main id="main" className="page" tabIndex={-1}>
        <Outlet />
      </main>
      <PlaceLinks className="tabbar" icons />
      <Shortcuts open={shortcuts} setOpen={setShortcuts} />
    </>
  );
}

function useLeaveWhenSignedOut(): void {
  const navigate = useNavigate();
  const router = useRouter();
  const client = useQueryClient();
  useEffect(
    () =>
      session.subscribe(() => {
        if (session.current()) return;
        const next = session.standing() === "lost" ? router.state.location.href : undefined;
        void navigate({ to: "/sign-in", search: { next } }).then(() => client.clear());
      }),
    [navigate, router, client],
  );
}
