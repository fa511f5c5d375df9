/** Samples on one axis of time that all charts share, with breaks where there are none: what is not known is not 0. */

export interface Timeline {
  /** Ends of the axis, seconds since 1970. */
  fromS: number;
  toS: number;
  /** Times of the points, seconds since 1970, ascending. */
  atS: number[];
  /** For each point the place of its sample; null: a break, at which lines end. */
  samples: (number | null)[];
  /** Stretches without data, seconds since 1970. */
  gaps: [fromS: number, toS: number][];
}

/**
 * @param atMs times of the samples, ascending, ms since 1970
 * @param oldAfterMs a longer time without a sample is a gap
 */
export function timelineOf(atMs: readonly number[], fromMs: number, toMs: number, oldAfterMs: number): Timeline {
  const timeline: Timeline = { fromS: fromMs / 1000, toS: toMs / 1000, atS: [], samples: [], gaps: [] };
  let lastMs = fromMs;
  for (const [sample, ms] of atMs.entries()) {
    if (ms < fromMs || ms > toMs) continue;
    if (ms - lastMs > oldAfterMs) addGap(timeline, lastMs, ms);
    timeline.atS.push(ms / 1000);
    timeline.samples.push(sample);
    lastMs = ms;
  }
  if (toMs - lastMs > oldAfterMs) addGap(timeline, lastMs, toMs);
  return timeline;
}

function addGap(timeline: Timeline, fromMs: number, toMs: number): void {
  timeline.gaps.push([fromMs / 1000, toMs / 1000]);
  if (timeline.atS.length === 0) return;
  timeline.atS.push((fromMs + toMs) / 2000);
  timeline.samples.push(null);
}

/** A value per point of the timeline; null at breaks and where the sample has none. */
export function alongTimeline<Sample>(
  { samples }: Timeline,
  of: readonly Sample[],
  read: (sample: Sample) => number | null,
): (number | null)[] {
  return samples.map((at) => {
    const sample = at === null ? undefined : of[at];
    return sample === undefined ? null : read(sample);
  });
}
