import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { finished, projectRoot } from '../support/shell.ts';

test('npx says nothing of its own in a checkout whose package asks for a newer Node', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-npmrc-'));
  try {
    await cp(join(projectRoot, '.npmrc'), join(folder, '.npmrc'));
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'made.js'), "#!/usr/bin/env node\nconsole.log('started');\n", {
      mode: 0o755,
    });
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({
        name: 'made',
        version: '1.0.0',
        bin: { made: 'made.js' },
        engines: { node: '>=999' },
      }),
    );
    const { code, stdout, stderr } = await finished('npx', ['made'], {
      cwd: folder,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        // Nothing that was installed before counts, and no registry is asked.
        npm_config_cache: join(folder, 'home'),
        npm_config_offline: 'true',
      },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'started\n', stderr: '' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
