/** What `init` writes down: from flags, from the environment and, on a terminal, from whoever sits there. */
import { isAbsolute, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import type { Environment } from '../../config/reader.ts';
import { fileName, ownName, SETTINGS, type SettingName } from '../../config/table.ts';
import { SettingsError } from '../../errors.ts';

export interface InitOptions {
  readonly sources?: string;
  /** `path` or `source=path`. */
  readonly keyFile?: readonly string[];
  readonly keyStdin?: boolean;
  /** `url` or `source=url`. */
  readonly baseUrl?: readonly string[];
  readonly schedule?: string;
  readonly content?: string;
}

/** Asks one thing after the other; `null` where nobody can be asked. */
export interface Questions {
  /** @param fallback what Enter alone gives; null: an answer is needed. */
  ask(name: SettingName, message: string, fallback: string | null): Promise<string>;
  /** Without showing what is typed. */
  askSecret(message: string): Promise<string>;
}

export interface Asked {
  readonly options: InitOptions;
  readonly environment: Environment;
  readonly stdin: Readable | null;
  readonly questions: Questions | null;
}

/**
 * The settings to write, by their names. What is as the default has it is left out.
 *
 * @throws {SettingsError} for a key that is given nowhere, or flags that do not fit together.
 */
export async function answersOf({ options, environment, stdin, questions }: Asked): Promise<Environment> {
  const answers: Record<string, string> = {};
  const put = (name: SettingName, text: string): void => {
    if (text !== SETTINGS[name].default) answers[name] = text;
  };
  const given = async (name: SettingName, flag: string | undefined, message: string): Promise<string> => {
    const fallback = SETTINGS[name].default;
    return flag ?? (await questions?.ask(name, message, fallback)) ?? fallback ?? '';
  };

  const sources = await given('SOURCES', options.sources, 'Names of the sources, with commas between');
  put('SOURCES', sources);
  const names = sources.split(',').map((name) => name.trim());
  const urls = bySource('--base-url', options.baseUrl ?? [], names);
  const keyFiles = bySource('--key-file', options.keyFile ?? [], names);
  if (options.keyStdin === true && (names.length > 1 || keyFiles.size > 0)) {
    throw new SettingsError(
      '--key-stdin is for the key of one source: take --key-file SOURCE=PATH for several',
    );
  }
  for (const name of names) {
    const url = await given('OPENAI_BASE_URL', urls.get(name), `Base URL of ${name}`);
    if (url !== SETTINGS.OPENAI_BASE_URL.default) answers[ownName(name, 'BASE_URL')] = url;
    const keyName = ownName(name, 'API_KEY');
    const file = keyFiles.get(name) ?? environment[fileName(keyName)];
    if (file) answers[fileName(keyName)] = isAbsolute(file) ? file : resolve(file);
    else answers[keyName] = await keyOf(name, keyName);
  }
  put('SCHEDULE', await given('SCHEDULE', options.schedule, 'When to sync, as cron, or off'));
  put('CONTENT', await given('CONTENT', options.content, 'Text of prompts and answers: full or none'));
  return answers;

  async function keyOf(source: string, keyName: string): Promise<string> {
    if (options.keyStdin === true) {
      const key = stdin === null ? '' : (await textOf(stdin)).trim();
      if (key === '') throw new SettingsError('--key-stdin: nothing came in; pipe the key to this command');
      return key;
    }
    const key = environment[keyName] || (await questions?.askSecret(`API key of ${source} (${keyName})`));
    if (key) return key;
    throw new SettingsError(
      `there is no terminal to ask for the key of ${source} at: give --key-file ${names.length > 1 ? `${source}=` : ''}PATH, --key-stdin or ${keyName} in the environment`,
    );
  }
}

/** `value` for the only source, `source=value` for one of several. */
function bySource(flag: string, given: readonly string[], sources: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const one of given) {
    const [, named, rest] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(one) ?? [];
    const [only] = sources;
    const source = named ?? (sources.length === 1 ? only : undefined);
    if (source === undefined) {
      throw new SettingsError(`${flag} is to say of which source it is: ${flag} ${only}=…`);
    }
    if (!sources.includes(source))
      throw new SettingsError(`${flag} names ${source}, which is no source of --sources`);
    if (values.has(source)) throw new SettingsError(`${flag} is given twice for ${source}`);
    values.set(source, rest ?? one);
  }
  return values;
}
