import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http } from "msw";
import { expect, test } from "vitest";
import { refused } from "@/mocks/answer";
import { server } from "@/mocks/server";
import { renderAt } from "@/test/render";

const GONE = http.get("*/api/*", () => refused(502, "provider_unavailable", "RunPod gave no usable answer"));

test.each([
  ["/datasets", "The datasets", "Harbour shop answers"],
  ["/datasets/ds-harbour", "The dataset", "Harbour shop answers"],
  ["/training/jobs", "The jobs", "Claims desk replies – quality"],
  ["/training/jobs/job-running", "The job", "Claims desk replies – balanced"],
  ["/models", "The models", "Claims desk replies - 2026-11-27"],
  ["/models/model-claims", "The model", "Claims desk replies - 2026-11-27"],
  ["/costs", "The costs", "Claims desk replies – quality"],
  ["/settings/api-keys", "The keys", "Nightly training"],
])("%s keeps what was there when it cannot be asked again, says as of when, and Try again works", async (path, what, name) => {
  const { client } = renderAt(path);
  await screen.findAllByText(name);
  server.use(GONE);
  await client.refetchQueries();

  const failure = await screen.findByText(`${what} could not be loaded.`);
  expect(failure.parentElement).toHaveTextContent(/RunPod gave no usable answer.*as of \d\d:\d\d\./);
  expect(screen.getAllByText(name)[0]).toBeVisible();

  server.resetHandlers();
  for (const button of screen.getAllByRole("button", { name: "Try again" })) await userEvent.click(button);
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});
