import { PageHead } from "@/components/PageHead";

export function ConfigurePage() {
  return <PageHead title="Configure training" />;
}
