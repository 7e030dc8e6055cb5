import { PageHead } from "@/components/PageHead";

export function ApiKeysPage() {
  return <PageHead title="API keys" />;
}
