/** Property tests draw the same examples on every run; BRIAREUS_TEST_SEED=random npm test draws new ones. */
import fc from "fast-check";

if (process.env.BRIAREUS_TEST_SEED !== "random") {
  fc.configureGlobal({ seed: Number(process.env.BRIAREUS_TEST_SEED) || 1 });
}
