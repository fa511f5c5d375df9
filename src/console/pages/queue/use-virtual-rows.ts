import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

interface Options {
  count: number;
  /** Height of every row, in pixels. */
  rowPx: number;
  /** Height of what sticks to the top of the scrolled element. */
  headPx: number;
  scroller: RefObject<HTMLElement | null>;
  /** Row that stays in the document wherever one scrolls, as it has the focus; -1: none. */
  keep: number;
}

/** A row that exists, and how many rows before it, since the last one that exists, do not. */
export interface PresentRow {
  index: number;
  skipped: number;
}

const overscan = 6;

/** Which rows of a long list exist in the document, and the way to bring one into view. */
export function useVirtualRows({ count, rowPx, headPx, scroller, keep }: Options) {
  const [, redraw] = useReducer<number, void>((turn) => turn + 1, 0);
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLTableRowElement>(options()));
  virtualizer.setOptions(options());
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // Sizes are kept until it is told that they have changed.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowPx]);

  function options() {
    return {
      count,
      getScrollElement: () => scroller.current,
      estimateSize: () => rowPx,
      scrollPaddingStart: headPx,
      overscan,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => withKept(defaultRangeExtractor(range)),
      onChange: () => redraw(),
    };
  }
  function withKept(indexes: number[]): number[] {
    if (keep < 0 || keep >= count || indexes.includes(keep)) return indexes;
    return [...indexes, keep].toSorted((a, b) => a - b);
  }

  const items = virtualizer.getVirtualItems().filter(({ index }) => index < count);
  const present: PresentRow[] = items.map(({ index }, at) => ({
    index,
    skipped: index - ((items[at - 1]?.index ?? -1) + 1),
  }));
  return {
    present,
    /** Rows after the last present one. */
    rest: count - ((items.at(-1)?.index ?? -1) + 1),
    scrollTo: (index: number) => virtualizer.scrollToIndex(index, { align: "auto" }),
  };
}
