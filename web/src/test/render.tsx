import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider, createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { makeRouter } from "@/app/router";
import { session } from "@/lib/auth/session";

/** Renders the whole app at an address, signed in unless told otherwise; answers come from the mocks. */
export function renderAt(path: string, { signedIn = true } = {}) {
  if (signedIn) session.beginWithKey("brk_test");
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = makeRouter(createMemoryHistory({ initialEntries: [path] }));
  const page = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { ...page, router, client };
}
