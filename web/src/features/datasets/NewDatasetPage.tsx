import { PageHead } from "@/components/PageHead";

export function NewDatasetPage() {
  return <PageHead title="New dataset" />;
}
