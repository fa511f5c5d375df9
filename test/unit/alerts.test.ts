import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}

const { groups } = parse(readFileSync("deploy/monitoring/alerts.yaml", "utf8")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const page = readFileSync("docs/operate.md", "utf8");

test("every alert has a runbook and a test", () => {
  expect(rules.length).toBeGreaterThan(5);
  const anchors = [...page.matchAll(/^### (.+)$/gm)].map(([, title]) =>
    String(title).toLowerCase().replaceAll(" ", "-"),
  );
  const tests = readFileSync("deploy/monitoring/alerts.test.yaml", "utf8");
  for (const { alert, annotations } of rules) {
    expect(
      anchors.map((anchor) => `docs/operate.md#${anchor}`),
      alert,
    ).toContain(annotations.runbook);
    expect(tests, alert).toContain(`alertname: ${alert}`);
  }
});

test("every figure that an alert looks at is one that we serve", () => {
  const served = [...page.matchAll(/^\| `(briareus_\w+)`/gm)].map(([, name]) => String(name));
  for (const { alert, expr } of rules)
    for (const [name] of expr.matchAll(/briareus_\w+/g))
      expect(served, alert).toContain(name.replace(/_(bucket|count|sum)$/, ""));
});
