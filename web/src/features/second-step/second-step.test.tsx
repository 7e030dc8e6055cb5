import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { otpAddress } from "@/lib/auth/second-step";
import { session } from "@/lib/auth/session";
import { renderAt } from "@/test/render";

const TOKENS = { idToken: "header.e30.signature", accessToken: "access", refreshToken: null, expiresAt: Number.MAX_SAFE_INTEGER };
afterEach(() => session.end("out"));

test("the second step is set up with a code, and switched off again", async () => {
  session.begin(TOKENS);
  renderAt("/settings/second-step", { signedIn: false });
  await userEvent.click(await screen.findByRole("button", { name: "Set it up" }));
  expect(await screen.findByLabelText("The secret")).toHaveTextContent("JBSW Y3DP");

  const code = screen.getByLabelText("The code it shows now");
  await userEvent.type(code, "000000{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("The code is wrong.");

  await userEvent.clear(code);
  await userEvent.type(code, "123456{Enter}");
  expect(await screen.findByText("Your password and a code of your authenticator open your account.")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Switch it off" }));
  expect(await screen.findByText("Your password alone opens your account.")).toBeVisible();
});

test("who came in with a key is told that it has no second step", async () => {
  renderAt("/settings/second-step");
  expect(await screen.findByText(/^You came in with an API key/)).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("button", { name: "Set it up" })).not.toBeInTheDocument());
});

test("an authenticator reads whose secret it is", () => {
  expect(otpAddress("ABC", "jo@example.com")).toBe("otpauth://totp/BrightRun%3Ajo%40example.com?secret=ABC&issuer=BrightRun");
});
