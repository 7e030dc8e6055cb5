import { Link } from "@tanstack/react-router";
import { usePageTitle } from "@/components/hooks/use-page-title";

export function NoSuchPage() {
  usePageTitle("No such page");
  return (
    <>
      <h1 className="say">There is no such page.</h1>
      <p className="mt-2">The address may be mistyped, or what stood here is gone.</p>
      <Link to="/" className="btn mt-6">
        Home
      </Link>
    </>
  );
}
