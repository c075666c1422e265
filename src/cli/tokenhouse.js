#!/usr/bin/env node
/**
 * The command `tokenhouse`: finds a Node that runs it, then hands over to main. Plain JavaScript, as an old Node reads it too.
 *
 * In a checkout main is TypeScript, which Node runs as it is from 22.18 on; an older Node starts the checkout's own
 * Node 24 (dev dependency `node`). The installed package holds JavaScript in dist/ instead.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

/** Set for the Node that a launcher on an old Node started. */
const LAUNCHED = 'TOKENHOUSE_LAUNCHED';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// Every DuckDB query holds a thread of libuv's pool, which file and DNS calls share: five queries on the default pool of 4
// kept a stat() waiting for 1.3 s. It only counts when it is set before the pool starts, so it comes first.
process.env.UV_THREADPOOL_SIZE ??= '16';
// Each of those threads would keep freed memory of its own: two arenas instead save some 50 MB.
process.env.MALLOC_ARENA_MAX ??= '2';
// DuckDB's allocator keeps freed pages for ten seconds: a sync that gives them back at once takes 60 MB less, and no longer.
process.env.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:0,muzzy_decay_ms:0';
// V8 lets its young generation grow to 96 MB, which a sync fills with garbage: 4 MB costs no measurable time and saves 90 MB.
const V8_FLAGS = ['--max-semi-space-size=2'];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const isCheckout = existsSync(here('main.ts'));
const ownNode = here(`../../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
const [major, minor] = process.versions.node.split('.').map(Number);

if (process.env.npm_command && !process.env[LAUNCHED]) endWithShell();
if (major > 22 || (major === 22 && minor >= 18)) {
  if (process.env[LAUNCHED]) endWithLauncher();
  else startTuned();
  // In a checkout what is kept is the JavaScript of each file, so the compiler itself is not loaded: 40 MB and half the start-up.
  nodeModule.enableCompileCache?.();
  await import(isCheckout ? './main.ts' : '../../dist/src/cli/main.js');
} else if (isCheckout && existsSync(ownNode) && !process.env[LAUNCHED]) {
  runOn(ownNode);
} else {
  const remedy = isCheckout ? '; `npm ci` brings one' : '';
  console.error(`tokenhouse needs Node 22.18 or newer, this is ${process.version}${remedy}`);
  process.exitCode = 2;
}

/** Runs this file on another Node and ends as that one ends: with its exit code, or by its signal. */
function runOn(node) {
  const child = spawn(
    node,
    [...V8_FLAGS, ...process.execArgv, here('tokenhouse.js'), ...process.argv.slice(2)],
    {
      // The channel carries no messages: its end tells the child that this process is gone.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [LAUNCHED]: '1' },
    },
  );
  // Ctrl-C reaches the child from the terminal and from here; main takes two within a moment for one.
  for (const name of FORWARDED) process.on(name, () => child.kill(name));
  child.on('error', (error) => {
    console.error(`tokenhouse: cannot start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The flags and the environment above only count from the start: the process becomes one that has them, with the same pid. */
function startTuned() {
  if (process.execArgv.includes(V8_FLAGS[0]) || process.platform === 'win32' || process.execve === undefined)
    return;
  process.execve(
    process.execPath,
    [process.execPath, ...V8_FLAGS, ...process.execArgv, here('tokenhouse.js'), ...process.argv.slice(2)],
    process.env,
  );
}

/** A launcher that was killed outright cannot forward anything: its death must not leave the run behind, holding the warehouse. */
function endWithLauncher() {
  delete process.env[LAUNCHED];
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

/**
 * npx and `npm run` start this through a shell, and hand a SIGTERM to that shell, which dies of it and tells nobody. Seen from
 * here the parent has become another one.
 */
function endWithShell() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
