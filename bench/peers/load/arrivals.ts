/**
 * When captures arrive: a Poisson process, as of many streams that know nothing of one another.
 * @returns milliseconds from the start, rising; the same ones for the same arguments
 */
export function poissonArrivals(perSecond: number, seconds: number, seed: number): number[] {
  const random = randomFrom(seed);
  const arrivals: number[] = [];
  for (let atMs = 0; ; ) {
    atMs += (-Math.log(1 - random()) * 1000) / perSecond;
    if (atMs >= seconds * 1000) return arrivals;
    arrivals.push(atMs);
  }
}

/** Numbers in [0, 1) by the linear congruence of Numerical Recipes: enough to space arrivals. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
