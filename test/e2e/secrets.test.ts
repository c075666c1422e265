/** Promise 6: no key, prompt or answer text in what the program prints, logs, writes down about itself or tells others. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type Fault, failing, nextRequests } from '../../src/emulator/faults.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';
import { EXIT } from '../../src/errors.ts';
import { startObservability } from '../../src/observe/observability.ts';
import { collectorOf } from '../support/collector.ts';
import { type House, houseOf, NEWEST } from '../support/house.ts';
import { runInHouse, SILENT } from '../support/run-in-house.ts';
import { switchOf, webhookOf } from '../support/webhook.ts';

const KEY = 'sk-canary-key-5f2d9a';
const PROMPT = 'canary prompt: the cat sat';
const ANSWER = 'canary answer: on the mat';
const TEXTS = [KEY, PROMPT, ANSWER];

const withText = (id: string, created: number, more = '') => ({
  id,
  created,
  raw:
    `{"id":"${id}","object":"chat.completion","created":${created},"model":"m","input_messages":["${PROMPT}"],` +
    `"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"${ANSWER}"}}]${more}}`,
  messages: [`{"role":"user","content":"${PROMPT}"}`],
});

async function canaryHouse(options: EmulatorOptions = {}): Promise<House> {
  const house = await houseOf(options);
  house.emulator.store.add([
    ...Array.from({ length: 60 }, (_, index) => withText(`c-${index}`, NEWEST - index)),
    {
      ...withText('bad', NEWEST - 70),
      raw: `{"id":"bad","created":${NEWEST - 70},"choices":"${ANSWER}","${PROMPT}":1}`,
    },
  ]);
  return house;
}

const NOISY = {
  OPENAI_API_KEY: KEY,
  LOG_LEVEL: 'trace',
  LOG_FORMAT: 'json',
  PAGE_SIZE: '20',
  BATCH_ROWS: '20',
  RETRIES_MAX: '1',
};

/** Everything the warehouse says that is not the completions themselves. */
async function ownWords(house: House): Promise<string> {
  const tables = await Promise.all([
    house.query('select * from sync.runs'),
    house.query('select * from sync.gaps'),
    house.query('select * from sync.coverage'),
    house.query('select * from sync.checkpoints'),
    house.query('select * from sync.sources'),
    house.query('select * exclude (raw) from sync.rejected'),
  ]);
  return JSON.stringify(tables, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
}

async function expectSilent(house: House, printed: { stdout: string; stderr: string }): Promise<void> {
  const said = `${printed.stdout}\n${printed.stderr}\n${await ownWords(house)}`;
  for (const text of TEXTS) expect(said).not.toContain(text);
}

const quoting: Fault = {
  ...failing(400),
  kind: 'status',
  body: JSON.stringify({
    error: { message: `${KEY} ${PROMPT} ${ANSWER}`, type: ANSWER, param: PROMPT, code: KEY },
  }),
} as Fault;
/** Anew for each test, as a rule counts. */
const later = (fault: Fault) => () => ({ faults: { rules: [nextRequests(9, fault, 1)] } });

const CASES: readonly (readonly [how: string, code: number, options: () => EmulatorOptions])[] = [
  ['ends well, with an item rejected', EXIT.unproven, () => ({})],
  ['is refused with 401', EXIT.failed, () => ({ quirks: { apiKey: 'another key' } })],
  ['meets an error that quotes key, prompt and answer', EXIT.failed, later(quoting)],
  ['meets a 500 that quotes them', EXIT.failed, later({ ...quoting, status: 500 } as Fault)],
  ['meets a 401 that quotes them', EXIT.failed, later({ ...quoting, status: 401 } as Fault)],
  ['meets a 200 of another API that quotes them', EXIT.failed, later({ ...quoting, status: 200 } as Fault)],
  ['meets JSON that is cut in the middle', EXIT.failed, later({ kind: 'cut-json' })],
  ['meets a body that is cut in the middle', EXIT.failed, later({ kind: 'cut-connection' })],
  ['meets HTML', EXIT.failed, later({ kind: 'html' })],
];

/** What goes out to a collector and a webhook, and what metrics say, of a run of this process. */
describe('what others are told of a run says nothing of key, prompt and answer when it', () => {
  it.each(CASES)('%s', async (_, code, options) => {
    const house = await canaryHouse(options());
    const [collector, webhook, lifeSign] = [await collectorOf(), await webhookOf(), await switchOf()];
    const env = {
      ...NOISY,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=canary-header',
      ALERT_WEBHOOK: webhook.url,
      HEARTBEAT_URL: lifeSign.url,
    };
    const ended = await house.sync({ env, args: ['--with-messages'] });
    expect(ended.code).toBe(code);
    const spans = collector.posts.map(({ body }) => body).join('\n');
    expect(collector.spans().map(({ name }) => name)).toContain('run openai');
    if (code === EXIT.failed) expect(webhook.posts.map(({ alert }) => alert.kind)).toContain('run_failed');
    const told = `${spans}\n${JSON.stringify(webhook.posts)}\n${lifeSign.asked}`;
    expect(lifeSign.asked).toHaveLength(1);
    for (const text of TEXTS) expect(told).not.toContain(text);
    // Nor do others learn where the rest goes, and the log learns neither.
    expect(spans).not.toMatch(/canary-secret|canary-token|canary-header/);
    expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/canary-secret|canary-token|canary-header/);

    const config = loadConfig(house.environment({ ENDPOINT: 'openai', ...NOISY }));
    const seen = await startObservability({ config, nowMs: () => house.now * 1000, log: SILENT });
    onTestFinished(() => seen.close());
    const { observer } = seen;
    await runInHouse(house, { env: NOISY, environment: { observer } }).catch(() => undefined);
    await seen.health.refresh();
    const metrics = await seen.metrics.text();
    expect(metrics).toMatch(/tokenhouse_requests_total\{source="openai",status="\w+"\} \d/);
    for (const text of [...TEXTS, house.emulator.baseUrl]) expect(metrics).not.toContain(text);
  });
});

describe('a run that logs all it can says nothing of key, prompt and answer when it', () => {
  it.each(CASES)('%s', async (_, code, options) => {
    const house = await canaryHouse(options());
    const ended = await house.sync({ env: NOISY, args: ['--with-messages'] });
    expect(ended.code).toBe(code);
    await expectSilent(house, ended);
    // It does log, and it does hold the text where it belongs.
    expect(ended.stderr).toContain('"level"');
    const held = await house.query(`select count(*) as n from main.completions where raw like '%${ANSWER}%'`);
    if (code === EXIT.unproven) expect(held).toEqual([{ n: 60n }]);
  });

  it.each([
    ['SIGKILL', null],
    ['SIGTERM', EXIT.interrupted],
  ] as const)('is ended by %s', async (signal, code) => {
    let kill = (_n: number): void => {};
    const house = await canaryHouse({ onRequest: (n) => kill(n) });
    const run = house.start(['sync', '--since', '2025-06-01'], { env: NOISY });
    kill = (n) => {
      if (n === 3) run.child.kill(signal);
    };
    const ended = await run.ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain('"level"');
    await expectSilent(house, ended);
  });

  it('prints for a person, at LOG_LEVEL=trace and without JSON', async () => {
    const house = await canaryHouse({
      faults: { rules: [nextRequests(1, { ...quoting, status: 500 } as Fault, 1)] },
    });
    const ended = await house.tokenhouse(['sync'], { env: { ...NOISY, LOG_FORMAT: 'pretty' } });
    expect(ended.code).toBe(EXIT.unproven);
    expect(ended.stdout).toContain('60 new');
    await expectSilent(house, ended);
  });
});
