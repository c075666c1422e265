/** What reports there are, and which metadata keys there are to group them by. */
import type { Report } from '../analytics/report-definition.ts';
import { fieldText } from '../analytics/report-fields.ts';
import { metadataKeys, optionsOf, type ReportResult } from '../analytics/run-report.ts';
import { EXIT, SettingsError } from '../errors.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';
import { write, writeJson } from './output.ts';
import { renderTable } from './table.ts';

/** A misspelt key would read as if nobody had tagged anything. */
export async function keyNotes(
  warehouse: WarehouseFile,
  results: readonly ReportResult[],
): Promise<readonly string[]> {
  const [result] = results;
  if (result === undefined) return [];
  const named = [...result.by, ...result.where.map(({ field }) => fieldText(field))];
  const asked = named.flatMap((text) => /^metadata\.(.+)$/s.exec(text)?.[1] ?? []);
  if (asked.length === 0) return [];
  const { since, until } = result.period;
  const keys = await metadataKeys(warehouse, { since, until, source: result.source });
  if (asked.every((key) => keys.includes(key)) || keys.length >= 50) return [];
  if (keys.length > 0) {
    return [`no completion of the period carries that metadata key; there are: ${keys.join(', ')}`];
  }
  return result.completeness.completions === 0 ? [] : ['no completion of the period carries metadata'];
}

export async function listReports(
  context: CommandContext,
  all: readonly Report[],
  options: { readonly csv?: boolean; readonly md?: boolean },
): Promise<number> {
  const rows = all.map((one) => ({
    name: one.name,
    title: one.title,
    description: one.description,
    parameters: optionsOf(one).map((name) => `--${name}`),
    file: one.file,
  }));
  if (context.json) {
    await writeJson(context.stdout, rows);
    return EXIT.landed;
  }
  if (options.csv === true || options.md === true) throw new SettingsError('--list is a table or --json');
  const shown = rows.map(({ name, title, description, parameters, file }) => ({
    report: name,
    // Of their own there is only what their first comment says.
    about: file === null ? title : firstSentence(description) || '(no comment at its beginning)',
    takes: parameters.map((parameter) => parameter.slice(2)).join(' '),
  }));
  await write(
    context.stdout,
    renderTable([{ key: 'report' }, { key: 'about' }, { key: 'takes' }], shown, {
      lines: context.isTty,
      color: context.color,
    }),
  );
  return EXIT.landed;
}

const firstSentence = (text: string): string => {
  const sentence = /^.*?[.:](?=\s|$)/.exec(text)?.[0] ?? text;
  return sentence.length <= 90 ? sentence : `${sentence.slice(0, 89)}…`;
};
