/** Which colour a group has: the same one on every page, whatever else is shown. Pure. */
import { hash } from 'node:crypto';
import type { Group } from './data.ts';

/** Series colours there are: `s0` to `s9` of the style sheet. */
const COLORS = 10;

export function labelOf(group: Group): string {
  switch (group.kind) {
    case 'named':
      return group.name === '' ? '(empty)' : group.name;
    case 'untagged':
      return '(untagged)';
    case 'other':
      return `Other (${group.groups})`;
  }
}

/** Tells groups apart, also one that is named as another kind is written. */
export const keyOf = (group: Group): string => (group.kind === 'named' ? `named ${group.name}` : group.kind);

/**
 * Class of the style sheet by {@link keyOf}: from the name, and the next free one where two names meet.
 *
 * @param groups most used first, of any number: after ten, colours repeat.
 */
export function colorsOf(groups: readonly Group[]): ReadonlyMap<string, string> {
  const colors = new Map<string, string>();
  const taken = new Set<number>();
  for (const group of groups) {
    if (colors.has(keyOf(group))) continue;
    if (group.kind !== 'named') {
      colors.set(keyOf(group), group.kind === 'untagged' ? 's-untagged' : 's-other');
      continue;
    }
    let slot = Number.parseInt(hash('sha256', group.name).slice(0, 8), 16) % COLORS;
    if (taken.size >= COLORS) taken.clear();
    while (taken.has(slot)) slot = (slot + 1) % COLORS;
    taken.add(slot);
    colors.set(keyOf(group), `s${slot}`);
  }
  return colors;
}
