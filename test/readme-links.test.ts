/** Where the READMEs send their reader. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { READMES } from './support/readmes.ts';
import { projectRoot } from './support/shell.ts';

const LINES_MAX = 200;

interface Link {
  readonly readme: string;
  readonly target: string;
}

const textOf = (file: string): string => readFileSync(join(projectRoot, file), 'utf8');
/** Code holds brackets that are no links, and comments that look like headings. */
const withoutCode = (text: string): string =>
  text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, 'code');

const links: readonly Link[] = READMES.flatMap((readme) =>
  [...withoutCode(textOf(readme)).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)]
    .map(([, markdown, html]) => ({ readme, target: markdown ?? html ?? '' }))
    .filter(({ target }) => !/^https?:/.test(target)),
);

/** The file that a link leads to, from the root. */
const fileOf = ({ readme, target }: Link): string => {
  const [path = ''] = target.split('#');
  return path === '' ? readme : normalize(join(readme, '..', path));
};

/** As GitHub makes them of headings. */
const anchorsOf = (file: string): readonly string[] =>
  [
    ...textOf(file)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ +(.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every relative link leads to a file, and to a heading where it names one', () => {
  expect(links.length).toBeGreaterThan(READMES.length);
  const isBroken = (link: Link): boolean => {
    const [file, anchor] = [fileOf(link), link.target.split('#')[1]];
    if (!existsSync(join(projectRoot, file))) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  };
  expect(links.filter(isBroken)).toEqual([]);
});

test('the README leads to each of the others', () => {
  const led = links.filter(({ readme }) => readme === 'README.md').map(fileOf);
  expect(led).toEqual(expect.arrayContaining(READMES.slice(1)));
});

test(`the README can be read in five minutes: ${LINES_MAX} lines at the most`, () => {
  expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
});

test('what the READMEs link to goes into the package, but for pictures, which are small', () => {
  const { files } = JSON.parse(textOf('package.json')) as { files: string[] };
  const packed = ['README.md', 'LICENSE', ...files];
  const isPacked = (file: string): boolean =>
    packed.some((one) => file === one || file.startsWith(`${one}/`));
  const linked = [...new Set(links.map(fileOf))];
  const pictures = linked.filter((file) => /\.(?:png|svg)$/.test(file));
  expect(pictures).toEqual(['src/cli/terminal.png', 'src/web/dashboard.png']);
  expect(linked.filter((file) => !isPacked(file))).toEqual(pictures);
  expect(pictures.filter((file) => statSync(join(projectRoot, file)).size > 200_000)).toEqual([]);
});
