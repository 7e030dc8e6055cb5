import { PageHead } from "@/components/PageHead";

export function ModelsPage() {
  return <PageHead title="Models" />;
}
