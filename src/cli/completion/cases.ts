/** What the scripts of all shells look up: which option waits for which value. Pure. */
import type { CompletedCommand, Value } from './tree.ts';

export interface ValueCase {
  readonly value: Value;
  /** Of options that every command has. */
  readonly everywhere: readonly string[];
  /** `schedule set --cron`: of those of one command. */
  readonly keys: readonly string[];
}

/** One for each kind of value, or list of words. */
export function valueCases(commands: readonly CompletedCommand[]): readonly ValueCase[] {
  const cases = new Map<string, { value: Value; everywhere: Set<string>; keys: string[] }>();
  for (const { path, options } of commands) {
    for (const { flags, value, isGlobal } of options) {
      if (value === null) continue;
      const name = JSON.stringify(value);
      const found = cases.get(name) ?? { value, everywhere: new Set<string>(), keys: [] };
      cases.set(name, found);
      for (const flag of flags) {
        if (isGlobal) found.everywhere.add(flag);
        else found.keys.push(`${path} ${flag}`);
      }
    }
  }
  // What is of one command comes first: it may have an option that is called like one of the program's.
  return [...cases.values()]
    .map(({ value, everywhere, keys }) => ({ value, everywhere: [...everywhere], keys }))
    .sort((a, b) => Number(a.everywhere.length > 0) - Number(b.everywhere.length > 0));
}

/** For bash and zsh: nothing in it is the shell's. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
