import { Link } from "@tanstack/react-router";
import { Icon } from "@/components/icons";
import { useBell } from "./api/listNotifications";

export function Bell() {
  const { data } = useBell();
  const unread = data?.unread_count ?? 0;
  return (
    <Link to="/notifications" className="bell" aria-label={unread === 0 ? "Notifications" : `${unread} unread notifications`}>
      <Icon name="bell" />
      {unread > 0 ? <span className="bell-count">{unread > 99 ? "99+" : unread}</span> : null}
    </Link>
  );
}
