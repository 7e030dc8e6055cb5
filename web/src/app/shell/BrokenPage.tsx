import { usePageTitle } from "@/components/hooks/use-page-title";

/** Where a page cannot be drawn, such as after a new version was put up beneath an open tab. */
export function BrokenPage() {
  usePageTitle("This page could not be shown");
  return (
    <div role="alert">
      <h1 className="say">This page could not be shown.</h1>
      <p className="mt-2">Your jobs go on without it. A new version may have been put up: loading the page again fetches it.</p>
      <button type="button" className="btn mt-6" onClick={() => window.location.reload()}>
        Load it again
      </button>
    </div>
  );
}
