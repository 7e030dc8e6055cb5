import { PageHead } from "@/components/PageHead";

export function LimitsPage() {
  return <PageHead title="Limits" />;
}
