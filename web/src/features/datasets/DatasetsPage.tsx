import { PageHead } from "@/components/PageHead";

export function DatasetsPage() {
  return <PageHead title="Datasets" />;
}
