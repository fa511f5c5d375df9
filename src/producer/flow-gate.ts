/** Lets so many messages and bytes pass at a time; those beyond wait for their turn, in order. */
export interface FlowGate {
  /** Resolves when there is room. One larger than the whole gate passes alone. */
  enter(bytes: number): Promise<void>;
  leave(bytes: number): void;
}

export function createFlowGate(limits: { messages: number; bytes: number }): FlowGate {
  const waiting: { bytes: number; pass: () => void }[] = [];
  let messages = 0;
  let bytes = 0;

  const hasRoom = (more: number) => messages === 0 || (messages < limits.messages && bytes + more <= limits.bytes);
  const take = (more: number) => {
    messages++;
    bytes += more;
  };

  return {
    // Not async: one that waited must not need more turns of the microtask queue than one that enters after it.
    enter(more) {
      if (waiting.length === 0 && hasRoom(more)) {
        take(more);
        return Promise.resolve();
      }
      return new Promise((pass) => {
        waiting.push({ bytes: more, pass });
      });
    },
    leave(less) {
      messages--;
      bytes -= less;
      for (let next = waiting[0]; next && hasRoom(next.bytes); next = waiting[0]) {
        waiting.shift();
        take(next.bytes);
        next.pass();
      }
    },
  };
}
