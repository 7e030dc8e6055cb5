import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test } from "vitest";
import { session } from "@/lib/auth/session";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

afterEach(() => session.end("out"));

async function signInAs(email: string, password: string) {
  await userEvent.type(await screen.findByLabelText("E-mail"), email);
  await userEvent.type(screen.getByLabelText("Password"), password);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

test("who signs in comes back to where they wanted to go", async () => {
  const { router } = renderAt("/costs?period=year", { signedIn: false });
  await signInAs("jo@example.com", "Correct horse 1");
  await waitFor(() => expect(router.state.location.href).toBe("/costs?period=year"));
});

test("the tokens stay in memory: only the refresh token is kept, in this tab", async () => {
  renderAt("/sign-in", { signedIn: false });
  await signInAs("jo@example.com", "Correct horse 1");
  await waitFor(() => expect(window.sessionStorage.getItem("brightrun.refresh")).toBe("refresh"));
  expect(kept()).not.toContain("signature");
});

test("the password never leaves the page", async () => {
  const sent: string[] = [];
  const note = ({ request }: { request: Request }) => {
    void request.clone().text().then((body) => sent.push(body));
  };
  server.events.on("request:start", note);
  const { router } = renderAt("/sign-in", { signedIn: false });
  await signInAs("jo@example.com", "Correct horse 1");
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
  server.events.removeListener("request:start", note);

  expect(sent.join(" ")).toContain("PASSWORD_CLAIM_SIGNATURE");
  expect(sent.join(" ")).not.toContain("Correct horse 1");
});

test("a wrong password does not say which of the two was wrong", async () => {
  renderAt("/sign-in", { signedIn: false });
  await signInAs("wrong@example.com", "Correct horse 1");
  expect(await screen.findByText("E-mail or password is wrong.")).toBeVisible();
});

test("a first sign-in asks for a password of one's own and says what it lacks", async () => {
  const { router } = renderAt("/sign-in", { signedIn: false });
  await signInAs("first@example.com", "Temporary pass 1");
  const field = await screen.findByLabelText("Choose a password");

  await userEvent.type(field, "short");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("At least 12 characters");

  await userEvent.clear(field);
  await userEvent.type(field, "Long enough 123");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});

test("a wrong code of the authenticator is said to be the code", async () => {
  renderAt("/sign-in", { signedIn: false });
  await signInAs("totp@example.com", "Correct horse 1");
  await userEvent.type(await screen.findByLabelText("Code of your authenticator"), "000000");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("The code is wrong.")).toBeVisible();
});

test("a forgotten password is reset by a code and signs in", async () => {
  const { router } = renderAt("/sign-in", { signedIn: false });
  await userEvent.click(await screen.findByRole("button", { name: "Forgotten?" }));
  await userEvent.type(screen.getByLabelText("E-mail"), "jo@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Send a code" }));
  await userEvent.type(await screen.findByLabelText("Code"), "123456");
  await userEvent.type(screen.getByLabelText("New password"), "Long enough 123");
  await userEvent.click(screen.getByRole("button", { name: "Set the password and sign in" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});

test("a link cannot lead away to another site", async () => {
  const { router } = renderAt("/sign-in?next=//evil.example", { signedIn: false });
  await signInAs("jo@example.com", "Correct horse 1");
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});

test("a key that is not valid is said so and not kept", async () => {
  server.use(http.get("*/api/limits", () => HttpResponse.json({ error: "no", code: "unauthenticated" }, { status: 401 })));
  renderAt("/sign-in", { signedIn: false });
  await userEvent.click(await screen.findByText("Use an API key"));
  await userEvent.type(screen.getByLabelText("API key"), "brk_wrong");
  await userEvent.click(screen.getByRole("button", { name: "Enter with the key" }));
  expect(await screen.findByText("This key is not valid.")).toBeVisible();
  expect(window.sessionStorage.getItem("brightrun.key")).toBeNull();
});

test("an expired token is renewed once, and the call is made again", async () => {
  session.begin({ idToken: "old", accessToken: null, refreshToken: "refresh", expiresAt: Date.now() / 1000 + 3600 });
  const seen: (string | null)[] = [];
  server.use(
    http.get("*/api/limits", ({ request }) => {
      seen.push(request.headers.get("authorization"));
      return seen.length === 1
        ? HttpResponse.json({ error: "expired", code: "unauthenticated" }, { status: 401 })
        : HttpResponse.json({ success: true, data: { month: "2026-11", monthly_limit: null, spent: 3, committed: 0, remaining: null, warn_at_percent: [] } });
    }),
  );
  renderAt("/notifications", { signedIn: false });
  expect(await screen.findByText("$3.00 in November")).toBeInTheDocument();
  expect(seen.slice(0, 2)).toEqual(["Bearer old", "Bearer header.e30.signature"]);
});

function kept(): string {
  const stores = [window.sessionStorage, window.localStorage];
  return stores.flatMap((store) => Array.from({ length: store.length }, (_, n) => store.getItem(store.key(n) ?? ""))).join(" ");
}
