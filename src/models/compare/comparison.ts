/** What a comparison of two models found out: plain data, as `--json` writes it. A is the reference, B what may replace it. */

export interface Comparison {
  /** ISO 8601. */
  comparedAt: string;
  a: ModelOfComparison;
  b: ModelOfComparison;
  labels: readonly string[];
  /** Whose verdicts are compared; null where the labels with the highest score are. */
  policy: { version: string; model: string } | null;
  pictures: {
    /** "64 generated pictures" */
    description: string;
    compared: number;
    unreadable: readonly { name: string; reason: string }[];
  };
  /** Pictures that a model gave a score that is no finite number; they are in no figure of classes, ranks and thresholds. */
  notFinite: { a: number; b: number };
  classes: readonly ClassDifference[];
  /** Pictures whose highest label, or whose order of any two labels, is another. */
  ranks: { top: number; order: number };
  thresholds: readonly ThresholdCrossings[];
  changed: {
    by: "verdict" | "top-label";
    count: number;
    /** Of the pictures compared, 0..1. */
    share: number;
    pictures: readonly ChangedPicture[];
  };
}

export interface ModelOfComparison {
  /** As it was named by whoever asked. */
  reference: string;
  /** Absent of an .onnx file. */
  version?: string;
  /** How it takes pictures, such as "uint8-nhwc-224x224x3". */
  input: string;
}

/** How far the scores of one class lie apart, over all pictures. */
export interface ClassDifference {
  label: string;
  largest: number;
  mean: number;
  /** Mean of B - A: above 0 where B scores higher. */
  shift: number;
  /** The first decimal place in which scores differ; null where none does. */
  fromDecimal: number | null;
  /** Pictures per range of the difference, as `histogramRanges` has them. */
  histogram: readonly number[];
}

/** What becomes of the scores near one threshold of the policy. */
export interface ThresholdCrossings {
  category: string;
  label: string;
  rule: "single-frame" | "sustained";
  threshold: number;
  /** Pictures whose score by A is no further from the threshold than the largest difference of the class. */
  near: number;
  /** Pictures that reach it by one model alone. */
  crossed: number;
}

/** A picture on which the models do not agree. */
export interface ChangedPicture {
  name: string;
  /** Categories found, "clean" or "unprocessable"; or the label with the highest score. */
  a: string;
  b: string;
  /** By label; null for what is no finite number. */
  scores: { a: Record<string, number | null>; b: Record<string, number | null> };
}
