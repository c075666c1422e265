import { COLORS } from './palette.ts';

/** The style sheet of the dashboard. Both palettes are chosen for contrast and for the common kinds of colour blindness. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --raised: #f1f3f6; --border: #dfe3e8; --strong-border: #8a94a3;
  --text: #17202c; --muted: #566070; --accent: #1f5fbf; --accent-soft: #e6eefb; --axis: #8a94a3;
  --warn: #8a4b00; --warn-soft: #fff4e0; --warn-border: #e3b26b; --focus: #1f5fbf;
  --full: #2f8f6b; --part: #b57c12; --gap: #c8402f; --none: #88929f;
  --line-a: #1f6fb8; --line-b: #b3541e;
  --s0: #3b78c4; --s1: #c9711f; --s2: #2f9a81; --s3: #c0587e; --s4: #8a6cc9;
  --s5: #a0860f; --s6: #3a92b8; --s7: #9a6b4b; --s8: #6a8f3c; --s9: #5b6fa8;
  --s-other: #87919e; --s-untagged: #626c7a;
  --h1: color-mix(in srgb, var(--accent) 8%, var(--surface)); --h2: color-mix(in srgb, var(--accent) 18%, var(--surface)); --h3: color-mix(in srgb, var(--accent) 30%, var(--surface));
  --h4: color-mix(in srgb, var(--accent) 45%, var(--surface)); --h5: color-mix(in srgb, var(--accent) 88%, var(--surface)); --h6: color-mix(in srgb, var(--accent) 100%, var(--surface));
  ${mixedColors()}
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141a; --surface: #171e26; --raised: #1f2832; --border: #2c3743; --strong-border: #74808f;
    --text: #e7ebf0; --muted: #a3aebb; --accent: #7fb2f5; --accent-soft: #1d3048; --axis: #667280;
    --warn: #f2c27b; --warn-soft: #32270f; --warn-border: #7a5a20; --focus: #9cc4fa;
    --full: #43a983; --part: #d9a441; --gap: #e2685a; --none: #6b7785;
    --line-a: #6eb0ee; --line-b: #ec9a61;
    --s0: #6aa3ea; --s1: #e59a55; --s2: #4cb89c; --s3: #dc7fa0; --s4: #a78ce0;
    --s5: #cdb544; --s6: #6cc0e0; --s7: #bd8d6b; --s8: #8fb35a; --s9: #8496cf;
    --s-other: #77828f; --s-untagged: #9aa4b1;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -9999px; top: 0; z-index: 1; background: var(--surface); padding: 8px 14px; }
.skip:focus { left: 8px; top: 8px; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
.page { max-width: 1240px; margin: 0 auto; padding: 0 20px 48px; }
header.top { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 20px; padding: 22px 0 14px; }
header.top h1 { margin: 0; font-size: 21px; line-height: 1.25; letter-spacing: -0.01em; font-weight: 650; }
header.top p { margin: 0; color: var(--muted); }
header.top .stamp { margin-left: auto; font-size: 13px; }
h2 { margin: 0; font-size: 15px; line-height: 1.35; font-weight: 620; letter-spacing: -0.005em; }
h3 { margin: 0; font-size: 13px; font-weight: 620; }
.hint, .note { color: var(--muted); font-size: 13px; }
.hint { margin: 2px 0 0; }
.filters { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: end; background: var(--surface); border: 1px solid var(--border); border-radius: 10px; padding: 12px 14px; }
.ranges { display: flex; flex-wrap: wrap; gap: 4px; width: 100%; margin: 0; padding: 0; list-style: none; }
.ranges a { display: block; padding: 4px 10px; border-radius: 6px; border: 1px solid transparent; color: var(--text); text-decoration: none; font-size: 13px; }
.ranges a:hover { background: var(--raised); }
.ranges a[aria-current] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent); font-weight: 600; }
.field { display: flex; flex-direction: column; gap: 3px; min-width: 0; }
.field label { font-size: 12px; color: var(--muted); }
select, input, button { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--strong-border); border-radius: 6px; padding: 5px 8px; min-height: 34px; max-width: 100%; }
select { max-width: 210px; text-overflow: ellipsis; }
button { cursor: pointer; padding: 5px 14px; background: var(--accent); border-color: var(--accent); color: var(--surface); font-weight: 600; }
.filters .reset { padding: 7px 2px; font-size: 13px; }
select#by, select#top { max-width: 160px; }
.check { display: flex; align-items: center; gap: 7px; min-height: 34px; font-size: 13px; }
.check input { min-height: 0; width: 16px; height: 16px; margin: 0; accent-color: var(--accent); }
.crumbs { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; margin: 10px 0 0; font-size: 13px; color: var(--muted); }
.crumbs ul { display: flex; flex-wrap: wrap; gap: 6px; margin: 0; padding: 0; list-style: none; min-width: 0; }
.crumbs li { min-width: 0; }
.crumbs li a { display: inline-block; max-width: 100%; padding: 3px 10px; border: 1px solid var(--accent); border-radius: 14px; background: var(--accent-soft); color: var(--accent); text-decoration: none; overflow-wrap: anywhere; unicode-bidi: isolate; }
.crumbs li a:hover { text-decoration: underline; }
.messages { margin: 12px 0 0; padding: 0; list-style: none; display: grid; gap: 6px; }
.messages li { border: 1px solid var(--warn-border); background: var(--warn-soft); color: var(--warn); border-radius: 8px; padding: 7px 12px; }
.messages li.calm { border-color: var(--border); background: transparent; color: var(--muted); padding: 0; border: 0; }
main { display: grid; gap: 16px; margin-top: 16px; grid-template-columns: minmax(0, 1fr); }
.card { background: var(--surface); border: 1px solid var(--border); border-radius: 10px; padding: 16px 18px; min-width: 0; }
.one, .two { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.cards { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); margin: 0; }
.cards > div { background: var(--surface); border: 1px solid var(--border); border-radius: 10px; padding: 12px 14px 11px; display: flex; flex-direction: column; min-width: 0; }
.cards dt { color: var(--muted); font-size: 12.5px; }
.cards dd { margin: 0; }
.cards .value { font-size: 23px; line-height: 1.3; font-weight: 640; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.cards .change { font-size: 12.5px; color: var(--muted); font-variant-numeric: tabular-nums; min-height: 19px; }
.cards .change b { color: var(--text); font-weight: 600; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 2px 14px; margin-bottom: 10px; }
.head a { font-size: 13px; white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 4px; padding: 0; list-style: none; font-size: 13px; }
.legend li, .legend a { display: flex; align-items: center; gap: 6px; min-width: 0; overflow-wrap: anywhere; }
.swatch { flex: none; width: 10px; height: 10px; border-radius: 2.5px; display: inline-block; }
.swatch.line { width: 22px; height: 10px; border-radius: 0; }
figure { margin: 0; }
figcaption { font-size: 13px; font-weight: 620; margin: 8px 0 4px; }
.plot { display: block; width: 100%; height: auto; color: var(--muted); overflow: visible; font-variant-numeric: tabular-nums; }
.plot text { white-space: pre; }
.plot a { cursor: pointer; }
.plot a:hover, .plot a:focus-visible { filter: brightness(1.12); }
.plot .column:hover, .plot a:focus-visible .column { fill: var(--raised); }
.plot a:focus-visible { outline: none; }
.plot a:focus-visible > * { stroke: var(--focus); stroke-width: 2; }
.chart-narrow { display: none; }
.nothing { color: var(--muted); padding: 36px 0; text-align: center; margin: 0; }
details { margin-top: 10px; font-size: 13px; }
summary { cursor: pointer; color: var(--accent); width: fit-content; padding: 2px 0; }
.scroll { position: relative; overflow-x: auto; max-height: 380px; overflow-y: auto; margin-top: 6px; border: 1px solid var(--border); border-radius: 8px; }
.scroll.open { max-height: none; margin-top: 0; border: 0; border-radius: 0; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
caption { text-align: left; }
th, td { padding: 6px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--border); white-space: nowrap; }
.open th:first-child, .open td:first-child { padding-left: 0; }
.open th:last-child, .open td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { white-space: normal; color: var(--muted); font-weight: 500; font-size: 12px; vertical-align: bottom; }
.scroll:not(.open) thead th { position: sticky; top: 0; background: var(--surface); }
tbody th { font-weight: 500; }
tbody th a, .legend a, .tags a, td a { color: inherit; text-decoration-color: var(--strong-border); text-decoration-thickness: 1px; }
tbody th a:hover, .legend a:hover, .tags a:hover, td a:hover { color: var(--accent); text-decoration-color: currentColor; }
bdi, .name, .tags li { unicode-bidi: isolate; }
.hours { min-width: 1000px; table-layout: fixed; font-size: 11px; border-collapse: separate; border-spacing: 2px; }
.hours th, .hours td { padding: 5px 0; text-align: center; border: 0; font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
.hours th:first-child { width: 34px; text-align: left; position: sticky; left: 0; background: var(--surface); }
.hours abbr { text-decoration: none; }
.heat { border-radius: 3px; }
.h0 { color: var(--muted); background: var(--surface); } .h1 { background: var(--h1); } .h2 { background: var(--h2); } .h3 { background: var(--h3); } .h4 { background: var(--h4); }
.h5, .h6 { color: var(--surface); background: var(--h5); } .h6 { background: var(--h6); }
.measures { margin-bottom: 8px; }
.scroll-hint { display: none; margin: 0 0 4px; color: var(--muted); font-size: 12px; }
.fits > .scroll-hint { display: none; }
.is-wide > .scroll-hint { display: block; }
.tip { position: fixed; z-index: 2; max-width: min(360px, 92vw); padding: 7px 10px; border-radius: 6px; background: var(--text); color: var(--surface); font-size: 12.5px; line-height: 1.45; pointer-events: none; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.tip p { margin: 0; unicode-bidi: isolate; }
.tip p:first-child { font-weight: 650; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.name { white-space: normal; overflow-wrap: anywhere; min-width: 200px; max-width: 320px; }

.two .name { min-width: 110px; } .two .open thead th.number { width: 1px; }
.two .open :is(th, td):not(:first-child) { padding-left: 6px; } .two .open :is(th, td):not(:last-child) { padding-right: 6px; }
.name .swatch { margin-right: 7px; }
.bar { display: block; width: 100%; min-width: 36px; height: 7px; margin-top: 7px; }
.track { fill: var(--raised); }
.bar-cell { width: 13%; } .two .bar-cell { width: 48px; }
.id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; font-weight: 400; }
.tags { display: flex; flex-wrap: wrap; gap: 4px; margin: 0; padding: 0; list-style: none; min-width: 170px; white-space: normal; }
.tags li { background: var(--raised); border-radius: 4px; padding: 0 6px; font-size: 12px; overflow-wrap: anywhere; }
.tags span { color: var(--muted); }
.strip { display: block; width: 100%; height: 26px; }
.strip-ends { display: flex; justify-content: space-between; color: var(--muted); font-size: 12px; margin: 2px 0 0; }
.source h3 { margin: 10px 0 4px; }
.source + .source { margin-top: 18px; padding-top: 14px; border-top: 1px solid var(--border); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px 18px; margin: 10px 0 0; }
.facts dt { color: var(--muted); font-size: 12px; }
.facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.more { margin: 8px 0 0; font-size: 13px; }
.pager { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 12px; font-size: 13px; }
#results[aria-busy] table { opacity: 0.6; }
.back { margin: 0 0 12px; font-size: 13px; }
.part { color: var(--muted); font-weight: 400; }
.card > h3 { margin: 14px 0 6px; }
pre.text { max-height: 420px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.meter { display: block; width: 100%; height: 14px; margin: 10px 0 4px; }
.big { font-size: 23px; font-weight: 640; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; margin: 6px 0 0; line-height: 1.3; }
.big small { font-size: 13px; font-weight: 400; color: var(--muted); letter-spacing: 0; }
footer { color: var(--muted); font-size: 12.5px; margin-top: 20px; }
footer p { margin: 0 0 4px; }
.empty { max-width: 640px; margin: 40px auto; }
.empty h2 { font-size: 18px; margin-bottom: 8px; }
pre { background: var(--raised); border-radius: 8px; padding: 12px 14px; overflow-x: auto; font-size: 13px; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; font-size: 0.93em; overflow-wrap: anywhere; }
${[...Array(COLORS).keys(), 'other', 'untagged'].map((name) => seriesRule(name)).join('\n')}
.before { --color: var(--text); }
.line-a { --color: var(--line-a); } .line-b { --color: var(--line-b); }
.full { --color: var(--full); } .part { --color: var(--part); } .gap { --color: var(--gap); } .none { --color: var(--none); } .plain { --color: var(--accent); } .ahead { --color: var(--strong-border); } .over { --color: var(--gap); }
.swatch { background: var(--color); } .swatch.line { background: none; } .fill { fill: var(--color); } .stroke { stroke: var(--color); }
.mark { stroke: var(--text); stroke-width: 2; vector-effect: non-scaling-stroke; }
@media (min-width: 980px) { .two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
@media (max-width: 520px) {
  td .tags { min-width: 330px; }
  .page { padding: 0 12px 32px; }
  .card { padding: 13px 12px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .cards .value { font-size: 20px; }
  .chart-wide { display: none; } .chart-narrow { display: block; }
  .field { flex: 1 1 130px; } select, input { width: 100%; max-width: none; }
  header.top .stamp { margin-left: 0; width: 100%; }
  .bar-cell { display: none; }
  .scrolling:not(.fits) > .scroll-hint { display: block; }
}
@media (forced-colors: active) { .swatch, .fill, .plot, .strip { forced-color-adjust: none; } }
@media (prefers-reduced-motion: no-preference) { .ranges a { transition: background 0.12s; } }
@media print {
  :root {
    --page: #fff; --surface: #fff; --raised: #eee; --border: #ccc; --text: #000; --muted: #444; --accent: #000; --accent-soft: #fff;
    --s0: #3b78c4; --s1: #c9711f; --s2: #2f9a81; --s3: #c0587e; --s4: #8a6cc9;
    --s5: #a0860f; --s6: #3a92b8; --s7: #9a6b4b; --s8: #6a8f3c; --s9: #5b6fa8;
    --s-other: #87919e; --s-untagged: #626c7a; --line-a: #1f6fb8; --line-b: #b3541e; --axis: #888;
    --full: #2f8f6b; --part: #b57c12; --gap: #c8402f; --none: #88929f; --strong-border: #777;
  }
  body { font-size: 11px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .page { max-width: none; padding: 0; }
  .filters, .skip, .head a, .scroll-hint, .tip, .more, .pager, .measures, details:not([open]) { display: none; }
  .card, .cards > div { break-inside: avoid; }
  .two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .scroll { max-height: none; overflow: visible; }
}
`;

/** The second ten: the first ones nearer to the text, so that they stand out as much. They follow the palette that holds. */
function mixedColors(): string {
  const half = COLORS / 2;
  return Array.from(
    { length: half },
    (_, slot) => `--s${half + slot}: color-mix(in srgb, var(--s${slot}) 60%, var(--text));`,
  ).join(' ');
}

function seriesRule(name: number | string): string {
  const series = typeof name === 'number' ? `s${name}` : `s-${name}`;
  return `.${series} { --color: var(--${series}); }`;
}
