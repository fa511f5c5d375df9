/** Prints each test that failed, with what it said, so that the end of CI's output tells what to look at. */
import { readdirSync, readFileSync } from "node:fs";

const linesOfMessage = 15;
const reports = readdirSync(".briareus").filter((file) => file.endsWith("test-results.json"));
for (const report of reports) {
  for (const file of JSON.parse(readFileSync(`.briareus/${report}`, "utf8")).testResults) {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    for (const test of failed) say(`${file.name} > ${test.fullName}`, test.failureMessages.join("\n"));
    // A file whose set-up failed has no failed test.
    if (file.status === "failed" && failed.length === 0) say(file.name, file.message);
  }
}

function say(what, message) {
  console.log(`FAILED: ${what}\n${message.split("\n").slice(0, linesOfMessage).join("\n")}\n`);
}
