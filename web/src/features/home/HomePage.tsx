import { PageHead } from "@/components/PageHead";

export function HomePage() {
  return <PageHead title="Home" />;
}
