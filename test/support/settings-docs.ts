/**
 * `.env.example` and the settings in jobs/README.md, made from the table in src/config. `npm run docs:settings` writes both;
 * test/config.docs.test.ts fails when one is out of step.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileName, isSecret, NEVER_SHARED, SETTINGS, SOURCE_SETTINGS } from '../../src/config/table.ts';

const START = '<!-- settings:start -->';
const END = '<!-- settings:end -->';
const OWN_NAMES = Object.keys(SOURCE_SETTINGS);
const settings = Object.entries(SETTINGS);

export function envExample(): string {
  const groups = Map.groupBy(settings, ([, setting]) => setting.group);
  const sections = [...groups].map(([group, members]) => {
    const lines = members.flatMap(([name, setting]) => [
      `# ${setting.description}`,
      // The one that nearly everybody has to fill in.
      `${name === 'OPENAI_API_KEY' ? '' : '# '}${name}=${setting.default ?? ''}`,
    ]);
    return `## ${group}\n${lines.join('\n')}\n`;
  });
  const own = OWN_NAMES.map((suffix) => `# PROD_${suffix}=`).join('\n');
  return [
    '# Copy to .env and fill in. A flag wins over the environment, the environment over this file.',
    '# What stands behind a = is the default.',
    `# A secret may stand in a file instead: ${fileName('OPENAI_API_KEY')}=/run/secrets/openai_api_key. So may ${otherSecrets().join(', ')}.\n`,
    ...sections,
    `## Several sources\n# With SOURCES=prod,eu each source may set, and else takes from above (but for the account's: ${account()}):\n${own}\n`,
  ].join('\n');
}

export function readmeSettings(): string {
  const rows = settings.map(([name, setting]) => {
    const fallback = setting.default === null ? '' : `\`${setting.default}\``;
    const file = isSecret(name) ? ' †' : '';
    return `| \`${name}\`${file} | ${fallback} | ${setting.description.replaceAll('|', '\\|')} |`;
  });
  return [
    START,
    '| Setting | Default | What it does |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `† A secret, which may stand in a file: \`${fileName('OPENAI_API_KEY')}=/run/secrets/openai_api_key\` in place of \`OPENAI_API_KEY\`, and so on.`,
    'Line breaks at the end of the file are left out. Setting both is an error. A source has it too: `PROD_API_KEY_FILE`.',
    '',
    'Several sources: with `SOURCES=prod,eu` the source `prod` is set by',
    `${OWN_NAMES.map((suffix) => `\`PROD_${suffix}\``).join(', ')}.`,
    `What it does not set it takes from the setting above, but for what belongs to one account (${account()}).`,
    END,
  ].join('\n');
}

/** The README with the part between the markers replaced. */
export function withSettings(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`jobs/README.md has no ${START} … ${END}`);
  return readme.slice(0, start) + readmeSettings() + readme.slice(end + END.length);
}

function otherSecrets(): readonly string[] {
  return settings.flatMap(([name]) => (isSecret(name) && name !== 'OPENAI_API_KEY' ? [name] : []));
}

function account(): string {
  return [...NEVER_SHARED].join(', ');
}

if (import.meta.main) {
  writeFileSync('.env.example', envExample());
  writeFileSync('jobs/README.md', withSettings(readFileSync('jobs/README.md', 'utf8')));
}
