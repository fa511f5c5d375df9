/** How captures are scored. */
export const settings = ["cpu", "gpu-standin", "gpu-scarce"] as const;
export type Setting = (typeof settings)[number];

export const inWords: Record<Setting, string> = {
  cpu: "The real model on the CPU",
  "gpu-standin": "A stand-in for a T4",
  "gpu-scarce": "A stand-in for a T4, 8 times slower",
};

/** A batch of n pictures takes the GPU `baseMs` + n * `perPictureMs`. */
export interface Gpu {
  baseMs: number;
  perPictureMs: number;
}

/**
 * EfficientNet-B0 on an NVIDIA T4, FP16, TensorRT: 3.40 ms for 1 picture, 5.96 for 4, 9.11 for 8, through which this
 * is the line of least squares (off by 0.1 ms at most). Source: PaddleClas,
 * docs/en/models/EfficientNet_and_ResNeXt101_wsl_en.md, "Inference speed based on T4 GPU".
 */
const t4: Gpu = { baseMs: 2.62, perPictureMs: 0.814 };

/**
 * Beside two cores a T4 has little to do, and what is measured is decoding. Slowed down, it is to these two cores what
 * a T4 is to sixteen: the machine that one stands in.
 */
const scarcity = 8;

const gpus: Record<Setting, Gpu | undefined> = {
  cpu: undefined,
  "gpu-standin": t4,
  "gpu-scarce": { baseMs: t4.baseMs * scarcity, perPictureMs: t4.perPictureMs * scarcity },
};

/** undefined: there is none, and the real model runs on the CPU. */
export function gpuOf(setting: Setting): Gpu | undefined {
  return gpus[setting];
}

export const labels = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"];
/** The most pictures that a batch for the GPU may have, for whoever makes batches. */
export const gpuBatch = 32;
