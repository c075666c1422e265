/** Every command of the READMEs, run as it stands there against the emulator. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../src/emulator/emulator.ts';
import { READMES } from './support/readmes.ts';
import { finished, launcher, projectRoot } from './support/shell.ts';

const blocks = (await Promise.all(READMES.map(shellBlocks))).flat();
const ours = blocks.filter(({ block }) => /^npx tokenhouse /m.test(block));

let emulator: Emulator;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({ rows: 300, generate: { profile: 'month', days: 29 } });
  folder = await mkdtemp(join(tmpdir(), 'tokenhouse-readme-'));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the READMEs', () => {
  it('sets up and runs the main job by one command, and the tests by another', () => {
    const first = blocks.filter(({ readme }) => readme === 'README.md').map(({ block }) => block);
    expect(first).toContain('npm ci && npm run demo\n');
    expect(first).toContain('npm ci && npm test\n');
    expect(ours.length).toBeGreaterThanOrEqual(8);
  });

  it.each(ours)(
    '$readme: $title',
    async ({ block }) => {
      // The key there is made up; the address is the emulator's.
      const script = `set -eu\nnpx() { shift; "${process.execPath}" "${launcher}" "$@"; }\n${block}`;
      const { code, stdout, stderr } = await finished('bash', ['-c', script.replace('sk-…', 'sk-made-up')], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          OPENAI_BASE_URL: emulator.baseUrl,
          OPENAI_API_KEY: 'made-up',
          ENDPOINT: 'openai',
          REQUESTS_PER_MINUTE: '100000',
        },
      });
      expect(code, `${stdout}\n${stderr}`).toBe(0);
      expect(stdout.trim()).not.toBe('');
      // A block is several commands, each a process.
    },
    180_000,
  );
});

async function shellBlocks(readme: string) {
  const text = await readFile(join(projectRoot, readme), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => ({
    readme,
    block,
    title: block.split('\n')[0],
  }));
}
