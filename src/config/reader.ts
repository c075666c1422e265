/** Reads settings one by one and collects what is wrong, so that a person hears of everything at once. */
import { SettingsError } from '../errors.ts';
import type { Field } from './fields.ts';
import { readSecretFile } from './secret-file.ts';
import { fileName, isSecret, SETTINGS, type SettingName, type SettingValue, smallName } from './table.ts';

/** Texts by the names of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings from flags of the command line, by the names of the table; they win over the environment. */
export type SettingFlags = Readonly<{ [K in SettingName]?: string | undefined }>;

export interface SettingsReader {
  /** The setting parsed; its default when it is absent or (with a complaint) wrong. */
  value<K extends SettingName>(name: K): SettingValue<K>;
  /** The text under any name of the environment, parsed; null when absent or (with a complaint) wrong. */
  parse<T>(name: string, field: Field<T>): T | null;
  isSet(name: string): boolean;
  /** @param problem goes on from the name and says how to mend it; never the value. */
  complain(name: string, problem: string): void;
  /** @throws {SettingsError} one for all complaints. */
  check(): void;
}

export function settingsReader(environment: Environment, flags: SettingFlags): SettingsReader {
  const problems = new Map<string, string>();
  const flagTexts: Environment = flags;

  const complain = (name: string, problem: string): void => {
    if (!problems.has(name)) problems.set(name, problem);
  };
  // An empty variable is an unset one, as in a compose file that passes on what may not be there.
  const textOf = (name: string): string | null =>
    flagTexts[name] || (isSecret(name) ? secretOf(name) : directOf(name));

  const directOf = (name: string): string | null =>
    environment[smallName(name) ?? name] || environment[name] || null;

  // A file is read once, as it may be a pipe; null: there is none, or a complaint in its place.
  const secretFiles = new Map<string, string | null>();
  const secretOf = (name: string): string | null => {
    const variable = fileName(name);
    const path = environment[variable];
    const direct = directOf(name);
    if (!path) return direct;
    if (direct !== null) {
      complain(name, `is set beside ${variable}: remove one of them`);
      return direct;
    }
    if (!secretFiles.has(name)) {
      const found = readSecretFile(variable, path);
      if ('problem' in found) complain(name, found.problem);
      secretFiles.set(name, 'text' in found ? found.text : null);
    }
    return secretFiles.get(name) ?? null;
  };
  const labelOf = (name: string): string => {
    if (flagTexts[name]) return flagOf(name);
    return secretFiles.get(name) ? `${name} (from the file in ${fileName(name)})` : name;
  };

  const parse = <T>(name: string, field: Field<T>): T | null => {
    const text = textOf(name);
    if (text === null) return null;
    const parsed = field.safeParse(text);
    if (parsed.success) return parsed.data;
    complain(name, parsed.error.issues[0]?.message ?? 'is wrong');
    return null;
  };

  return {
    parse,
    complain,
    isSet: (name) => textOf(name) !== null,
    value(name) {
      const setting = SETTINGS[name];
      // The table pairs each name with its field and default; TypeScript does not follow that through the index.
      const field = setting.field as Field<SettingValue<typeof name>>;
      const fallback = setting.default === null ? null : field.parse(setting.default);
      return (parse(name, field) ?? fallback) as SettingValue<typeof name>;
    },
    check() {
      if (problems.size === 0) return;
      const lines = [...problems].map(([name, problem]) => `${labelOf(name)} ${problem}`);
      throw new SettingsError(
        lines.length === 1 ? String(lines[0]) : `settings:\n${lines.map((line) => `  ${line}`).join('\n')}`,
      );
    },
  };
}

/** A flag is named after its setting: `LOG_LEVEL` is `--log-level`. */
const flagOf = (name: string): string => `--${name.toLowerCase().replaceAll('_', '-')}`;
