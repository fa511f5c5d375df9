/**
 * How long a condition is awaited, for `vi.waitFor`; `expect.poll` has the same from the configuration. Vitest's own
 * second is less than two busy cores may need for anything, so that it would fail at times for no reason.
 */
export const patience = { timeout: 20_000 };
