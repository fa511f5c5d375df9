/** Whether no label has the highest score by both models. Equal scores share their place. */
export function topChanged(a: readonly number[], b: readonly number[]): boolean {
  const [highestA, highestB] = [Math.max(...a), Math.max(...b)];
  return !a.some((score, index) => score === highestA && b[index] === highestB);
}

/** Whether any two labels stand in another order. Equal scores have none, so that they cannot be in another one. */
export function orderChanged(a: readonly number[], b: readonly number[]): boolean {
  const byA = a
    .map((score, index) => ({ a: score, b: b[index] ?? 0 }))
    .sort((first, second) => second.a - first.a || second.b - first.b);
  // Sorted by A, and within equal ones by B: any rise of B is between labels that A has in the other order.
  return byA.some(({ b: score }, index) => index > 0 && score > (byA[index - 1]?.b ?? score));
}
