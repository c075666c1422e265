/** Values that a shell may offer for an argument or option which takes others as well. */
import type { Argument, Option } from 'commander';

const suggested = new WeakMap<Argument | Option, readonly string[]>();

/** Commander's own `choices` would refuse all others. */
export function suggesting<Part extends Argument | Option>(part: Part, values: readonly string[]): Part {
  suggested.set(part, values);
  return part;
}

export const suggestionsFor = (part: Argument | Option): readonly string[] => suggested.get(part) ?? [];
