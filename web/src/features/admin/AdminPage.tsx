import { PageHead } from "@/components/PageHead";

export function AdminPage() {
  return <PageHead title="Admin" />;
}
