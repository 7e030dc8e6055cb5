import { PageHead } from "@/components/PageHead";

export function ModelPage() {
  return <PageHead title="Model" />;
}
