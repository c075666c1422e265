/** Which colour a group has: the same one on every page, whatever period or filter is chosen. Pure. */
import { hash } from 'node:crypto';
import type { Group } from './data.ts';

/** Series colours there are: `s0` to `s19` of the style sheet, the second ten darker (or lighter) ones of the first. */
export const COLORS = 20;
const HALF = COLORS / 2;

/** For people; no two groups have the same one. */
export function labelOf(group: Group): string {
  switch (group.kind) {
    case 'named':
      return group.name === '' ? '(empty)' : quotedText(group.name);
    case 'untagged':
      return '(untagged)';
    case 'other':
      return `Other (${group.groups})`;
  }
}

/** A text that reads like one of our own words, such as `(untagged)`, in quotes; one that has such quotes gets more. */
export const quotedText = (text: string): string =>
  /^“*(?:\(.*\)|other(?: \(.*\))?|–)”*$/is.test(text) ? `“${text}”` : text;

/** Tells groups apart, also one that is named as another kind is written. */
export const keyOf = (group: Group): string => (group.kind === 'named' ? `named ${group.name}` : group.kind);

/**
 * Class of the style sheet by {@link keyOf}. It follows from the name and the names of its kind that the warehouse holds, and not from what
 * is shown.
 *
 * @param groups that are shown.
 * @param known names that have a colour of their own, {@link COLORS} at the most, first seen first. Others share one with them.
 */
export function colorsOf(groups: readonly Group[], known: readonly string[]): ReadonlyMap<string, string> {
  const own = ownSlots(known);
  return new Map(
    groups.map((group) => {
      if (group.kind !== 'named') return [keyOf(group), group.kind === 'untagged' ? 's-untagged' : 's-other'];
      return [keyOf(group), `s${own.get(group.name) ?? slotOf(group.name, COLORS)}`];
    }),
  );
}

/**
 * From the name, so that most stay as they are when the names change; the next free one where two names meet. The first ten names share the
 * first ten colours, which are told apart best.
 */
function ownSlots(names: readonly string[]): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const [place, name] of names.slice(0, COLORS).entries()) {
    const base = place < HALF ? 0 : HALF;
    let slot = slotOf(name, HALF);
    while (taken.has(base + slot)) slot = (slot + 1) % HALF;
    taken.add(base + slot);
    slots.set(name, base + slot);
  }
  return slots;
}

const slotOf = (name: string, count: number): number =>
  Number.parseInt(hash('sha256', name).slice(0, 8), 16) % count;
