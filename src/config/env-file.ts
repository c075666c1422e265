/** The `.env` file. Its variables stand below the environment's: they never override one. */
import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { SettingsError } from '../errors.ts';
import { distance } from '../spelling.ts';
import type { Environment } from './reader.ts';
import { fileName, isSecret, ownName, SETTINGS, SOURCE_SETTINGS, type SourceSetting } from './table.ts';

/**
 * @param path from `--settings`; null: `.env` in the working directory, if there is one.
 * @throws {SettingsError} when a file that was asked for cannot be read.
 */
export function readEnvFile(path: string | null): Environment {
  const name = path === null ? '.env' : `--settings ${path}`;
  let text: string;
  try {
    text = readFileSync(path ?? '.env', 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (path === null && reason === 'ENOENT') return {};
    throw new SettingsError(`${name} cannot be read (${reason})`, { cause: error });
  }
  if (text.includes('\0')) {
    throw new SettingsError(`${name} is not UTF-8 text (UTF-16, perhaps): save it as UTF-8`);
  }
  // A file that starts with a byte order mark would lose its first variable.
  return parse(text.replace(/^\uFEFF/, ''));
}

/** The environment over the file; an empty variable of the environment does not hide the file's. */
export function overlay(file: Environment, environment: Environment): Environment {
  return { ...file, ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')) };
}

/** Names in the file that are no setting but look like one misspelt, with the one that is probably meant. */
export function misspelt(
  file: Environment,
  sources: readonly string[],
): readonly { name: string; meant: string }[] {
  const suffixes = Object.keys(SOURCE_SETTINGS) as SourceSetting[];
  const direct = [
    ...Object.keys(SETTINGS),
    ...sources.flatMap((source) => suffixes.map((suffix) => ownName(source, suffix))),
  ];
  const known = [...direct, ...direct.filter(isSecret).map(fileName)];
  return Object.keys(file).flatMap((name) => {
    if (known.includes(name)) return [];
    const meant = known.find((candidate) => distance(name.toUpperCase(), candidate) <= 2);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
