import { PageHead } from "@/components/PageHead";

export function JobsPage() {
  return <PageHead title="Training" />;
}
