import { PageHead } from "@/components/PageHead";

export function NotificationsPage() {
  return <PageHead title="Notifications" />;
}
