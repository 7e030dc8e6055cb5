import { Link } from "@tanstack/react-router";
import { usePageTitle } from "@/components/use-page-title";

export function NoSuchPage() {
  usePageTitle("No such page");
  return (
    <div className="panel pad mx-auto my-10 max-w-120">
      <h1>There is no such page.</h1>
      <Link to="/" className="btn mt-4">
        Home
      </Link>
    </div>
  );
}
