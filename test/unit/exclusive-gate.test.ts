import fc from "fast-check";
import { expect, test } from "vitest";
import { createExclusiveGate } from "../../src/pipeline/exclusive-gate.ts";

const opening = () => Promise.withResolvers<void>();
/** Lets everything run that can run without the outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("shared holders are let in together", async () => {
  const gate = createExclusiveGate();
  const end = opening();
  let inside = 0;
  const work = [1, 2, 3].map(() =>
    gate.shared(async () => {
      inside += 1;
      await end.promise;
    }),
  );
  await settle();
  expect(inside).toBe(3);
  end.resolve();
  await Promise.all(work);
});

test("an exclusive holder waits until it is alone, and those who come after it wait for it", async () => {
  const gate = createExclusiveGate();
  const [firstEnds, aloneEnds] = [opening(), opening()];
  const entered: string[] = [];
  const enter = (name: string, until: Promise<void>) => async () => {
    entered.push(name);
    await until;
  };
  const work = [
    gate.shared(enter("first", firstEnds.promise)),
    gate.exclusive(enter("alone", aloneEnds.promise)),
    gate.shared(enter("later", Promise.resolve())),
  ];
  await settle();
  expect(entered).toEqual(["first"]);
  firstEnds.resolve();
  await settle();
  expect(entered).toEqual(["first", "alone"]);
  aloneEnds.resolve();
  await Promise.all(work);
  expect(entered).toEqual(["first", "alone", "later"]);
});

test("work that fails opens the gate again and gives its error", async () => {
  const gate = createExclusiveGate();
  const fail = async () => {
    throw new Error("broken");
  };
  await expect(gate.exclusive(fail)).rejects.toThrow("broken");
  await expect(gate.shared(fail)).rejects.toThrow("broken");
  await expect(gate.exclusive(async () => "in")).resolves.toBe("in");
});

test("whatever the order, an exclusive holder is alone and everybody gets in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.record({ exclusive: fc.boolean(), fails: fc.boolean() }), { minLength: 1, maxLength: 20 }),
      async (scheduler, visitors) => {
        const gate = createExclusiveGate();
        const inside = { shared: 0, exclusive: 0 };
        const visits = visitors.map(({ exclusive, fails }) => {
          const kind = exclusive ? "exclusive" : "shared";
          return gate[kind](async () => {
            inside[kind] += 1;
            const alone = inside.exclusive === 0 || inside.exclusive + inside.shared === 1;
            await scheduler.schedule(Promise.resolve());
            inside[kind] -= 1;
            if (!alone) throw new Error("an exclusive holder had company");
            if (fails) throw new Error("as planned");
            return "done";
          });
        });
        await scheduler.waitFor(Promise.allSettled(visits));
        for (const [index, visit] of visits.entries()) {
          if (visitors[index]?.fails) await expect(visit).rejects.toThrow("as planned");
          else await expect(visit).resolves.toBe("done");
        }
      },
    ),
  );
});
