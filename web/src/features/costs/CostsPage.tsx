import { PageHead } from "@/components/PageHead";

export function CostsPage() {
  return <PageHead title="Costs" />;
}
