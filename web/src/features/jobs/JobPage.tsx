import { PageHead } from "@/components/PageHead";

export function JobPage() {
  return <PageHead title="Job" />;
}
