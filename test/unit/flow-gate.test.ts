import fc from "fast-check";
import { expect, test } from "vitest";
import { createFlowGate, type FlowGate } from "../../src/producer/flow-gate.ts";

test("never more messages or bytes are inside than allowed, and all pass in the order in which they came", async () => {
  const limits = fc.record({ messages: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 100 }) });
  const sizes = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(limits, sizes, fc.infiniteStream(fc.boolean()), async (limit, bytesOf, leaveNow) => {
      const gate = createFlowGate(limit);
      const inside: number[] = [];
      const passed: number[] = [];
      const leave = () => gate.leave(bytesOf[inside.shift() ?? -1] ?? 0);
      const all = bytesOf.map(async (bytes, index) => {
        await gate.enter(bytes);
        inside.push(index);
        passed.push(index);
        const sum = inside.reduce((total, each) => total + (bytesOf[each] ?? 0), 0);
        expect(inside.length).toBeLessThanOrEqual(limit.messages);
        if (inside.length > 1) expect(sum).toBeLessThanOrEqual(limit.bytes);
      });
      while (passed.length < bytesOf.length) {
        await Promise.resolve();
        if (inside.length > 0 && leaveNow.next().value) leave();
      }
      await Promise.all(all);
      expect(passed).toEqual(bytesOf.map((_, index) => index));
    }),
  );
});

/** Whether one that wants in got in at once. */
async function enters(gate: FlowGate, bytes: number): Promise<boolean> {
  let entered = false;
  gate.enter(bytes).then(() => {
    entered = true;
  });
  await Promise.resolve();
  return entered;
}

test("one that is larger than the gate passes when it is alone", async () => {
  const gate = createFlowGate({ messages: 2, bytes: 10 });
  expect(await enters(gate, 11)).toBe(true);
  expect(await enters(gate, 1)).toBe(false);
});

test("nobody overtakes one that waits, though there were room", async () => {
  const gate = createFlowGate({ messages: 10, bytes: 10 });
  expect(await enters(gate, 8)).toBe(true);
  const large = gate.enter(5);
  expect(await enters(gate, 1)).toBe(false);
  gate.leave(8);
  await large;
});
