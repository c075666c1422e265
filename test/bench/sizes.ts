/** How much of everything is measured. */
export interface Sizes {
  readonly loadRows: number;
  readonly loadRounds: number;
  readonly latencyRows: number;
  readonly tiesRows: number;
  readonly heldRows: readonly [fewer: number, more: number];
  readonly heldRuns: number;
  readonly memoryRows: readonly [fewer: number, more: number];
  readonly walkersRows: number;
}

export const FULL: Sizes = {
  loadRows: 200_000,
  loadRounds: 3,
  latencyRows: 20_000,
  tiesRows: 5_000,
  heldRows: [10_000, 10_000_000],
  heldRuns: 3,
  memoryRows: [100_000, 1_000_000],
  walkersRows: 20_000,
};

/** Under a minute on two cores; its figures are rougher, and none of them is kept. */
export const QUICK: Sizes = {
  loadRows: 20_000,
  loadRounds: 1,
  latencyRows: 5_000,
  tiesRows: 2_000,
  heldRows: [10_000, 200_000],
  heldRuns: 1,
  memoryRows: [10_000, 30_000],
  walkersRows: 2_000,
};
