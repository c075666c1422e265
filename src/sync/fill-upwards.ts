/** The second walker of a piece that nothing is known to be cut at: oldest first, toward the one that comes down. */
import type { FillContext } from './context.ts';
import { coverFromBelow, fetchAscending, judgeAscending } from './fill-below.ts';
import { PageSizes } from './page-sizes.ts';
import type { Piece } from './piece.ts';
import { type KnownRow, unixSeconds } from './ports.ts';

/**
 * Ends where the other walker has come to, or at the first page that tells nothing: that one fills the rest.
 *
 * @param piece its older end rises with what is proven here.
 */
export async function fillUpwards(piece: Piece, context: FillContext): Promise<void> {
  const { loader, signal, traits } = context;
  const below = await context.warehouse.knownRowBelow(context.source.name, piece.hole.from);
  const sizes = new PageSizes(context.pageSize, context.pageBytes, context.traits.rowBytes);
  let after: KnownRow | null = below;
  while (!piece.isDone && traits.listsAscending !== false) {
    signal.throwIfAborted();
    const page = await fetchAscending(after, sizes, context);
    if (page === null || page === 'cursor gone') return;
    const step = judgeAscending(page, after);
    if (step === null) return;
    const { from, to } = piece.hole;
    if (after === null) {
      // The list begins below the piece, far below perhaps.
      if (step.first.createdAt < from) return;
      context.noteOldestServed(step.first.createdAt);
    }
    coverFromBelow(from, to, step, context);
    piece.raise(unixSeconds(step.cutSecond));
    after = step.next;
    context.onProgress(piece.frontier);
    await loader.commitIfDue();
  }
}
