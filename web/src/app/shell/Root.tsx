import { Outlet } from "@tanstack/react-router";
import { Announcer } from "./Announcer";
import { Toasts } from "./Toasts";

export function Root() {
  return (
    <>
      <Outlet />
      <Announcer />
      <Toasts />
    </>
  );
}
