/** What workers rely on of a model. */
export interface ModelInterface {
  name: string;
  /** NAME TYPE [DIMS] of each tensor. */
  input: string;
  output: string;
  /** In the order of the scores. */
  labels: readonly string[];
}

/**
 * Why a new version cannot take traffic of workers that know the old one: they prepare pictures for one input, and read
 * scores by one list of labels. Models that only one of the versions has do not count.
 * @returns undefined where it fits
 */
export function misfitOf(serving: readonly ModelInterface[], candidate: readonly ModelInterface[]): string | undefined {
  for (const model of candidate) {
    const before = serving.find(({ name }) => name === model.name);
    if (!before) continue;
    for (const what of ["input", "output", "labels"] as const) {
      const [now, then] = [inWords(model[what]), inWords(before[what])];
      if (now !== then)
        return `${model.name} has the ${what} ${now}, the version that serves ${then}: keep them, or make a new ModelServer`;
    }
  }
  return undefined;
}

const inWords = (value: string | readonly string[]) => (typeof value === "string" ? value : value.join(", ")) || "none";
