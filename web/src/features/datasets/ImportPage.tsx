import { PageHead } from "@/components/PageHead";

export function ImportPage() {
  return <PageHead title="Import" />;
}
