import { PageHead } from "@/components/PageHead";

export function SignInPage() {
  return <PageHead title="Sign in" />;
}
