import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { SETTINGS } from '../src/config/table.ts';
import { envExample, withSettings } from './support/settings-docs.ts';
import { projectRoot } from './support/shell.ts';

const fileText = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

test('.env.example holds every setting with its default (else: npm run docs:settings)', () => {
  expect(fileText('.env.example')).toBe(envExample());
});

test('.env.example with its comments taken away is read as the defaults', () => {
  const uncommented = parse(fileText('.env.example').replace(/^# (?=[A-Z_]+=)/gm, ''));
  const names = Object.keys(uncommented).filter((name) => !name.startsWith('PROD_'));
  expect(names).toEqual(Object.keys(SETTINGS));
  for (const [name, setting] of Object.entries(SETTINGS))
    expect(uncommented[name]).toBe(setting.default ?? '');
});

test('the table of settings in jobs/README.md is the table in src/config (else: npm run docs:settings)', () => {
  const readme = fileText('jobs/README.md');
  expect(withSettings(readme)).toBe(readme);
});
