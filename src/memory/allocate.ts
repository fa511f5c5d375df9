/** Gives memory of exactly so many bytes, with anything in it. */
export type Allocate = (bytes: number) => Uint8Array;
