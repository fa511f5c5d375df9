/** bull-board under our content security policy: it loads its parts, shows a job, and nothing complains. */
import { expect, test } from "vitest";
import { newBatchId } from "../../src/pipeline/job.ts";
import { openQueues } from "../../src/pipeline/queues.ts";
import { inFlight } from "../items.ts";
import { startReviewOps } from "../review-ops.ts";
import { openBrowser } from "./chromium.ts";

test("ops looks through the queues to a single job, and the policy has nothing to report", async () => {
  await using ops = await startReviewOps({ sampling: false });
  const queues = openQueues(ops.redis);
  const batchId = newBatchId();
  await queues.add("infer", [{ batchId, items: [inFlight("a")] }]);
  const url = await ops.api.app.listen({ host: "127.0.0.1", port: 0 });
  const browser = await openBrowser();
  const { context, page, complaints } = await browser.openDesk();
  const value = ops.person.headers.cookie?.split("=")[1] ?? "";
  await context.addCookies([{ name: "briareus_session", value, url }]);

  await page.goto(`${url}/ops/queues`);
  await page
    .getByRole("link", { name: /^infer\b(?!-)/ })
    .first()
    .click();
  await page.getByRole("link", { name: batchId }).click();
  await page.getByText("jobData").waitFor();
  expect(new URL(page.url()).pathname).toBe(`/ops/queues/queue/infer/${batchId}`);
  await page.reload();
  await page.getByText("jobData").waitFor();
  expect(await page.getByRole("button", { name: /retry|promote|clean|pause|duplicate/i }).count()).toBe(0);
  expect(complaints).toEqual([]);

  await browser.close();
  await queues.close();
});
