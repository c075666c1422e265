/** The script of the dashboard, for comfort only: without it links, the button and the tables do the same. */
export const SCRIPT = `
(() => {
${forms()}
${charts()}
${tables()}
})();
`;

function forms(): string {
  return `
  const memory = 'tokenhouse-dashboard';
  for (const form of document.querySelectorAll('form.filters')) {
    // What is empty or as it is by itself stays out of the address.
    const isIdle = (field) => {
      const { since, last } = form.elements;
      const hasDays = Boolean(since?.value || last?.value);
      return field.value === '' || field.value === field.dataset.default || (field.name === 'range' && hasDays);
    };
    form.addEventListener('submit', () => {
      for (const field of form.elements) if (field.name && isIdle(field)) field.disabled = true;
      const { id } = document.activeElement ?? {};
      try { sessionStorage.setItem(memory, JSON.stringify({ id: id ?? '', top: scrollY })); } catch {}
    });
    addEventListener('pageshow', () => { for (const field of form.elements) field.disabled = false; });
    // Not on each key: who steps through the choices with the arrow keys has a moment to go on.
    let waiting = 0;
    form.addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLSelectElement) && target.type !== 'checkbox') return;
      clearTimeout(waiting);
      waiting = setTimeout(() => form.requestSubmit(), 350);
    });
    const search = form.querySelector('input[type=search]');
    if (search !== null) live(form, search, isIdle);
  }
  try {
    const { id, top } = JSON.parse(sessionStorage.getItem(memory) ?? '{}');
    sessionStorage.removeItem(memory);
    if (top) scrollTo(0, top);
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
  } catch {}

  /** The same page is asked for as by the button, and its results take the place of those shown. */
  function live(form, search, isIdle) {
    let waiting = 0;
    let asking = new AbortController();
    const ask = async () => {
      asking.abort();
      asking = new AbortController();
      const fields = [...form.elements].filter((field) => field.name && !isIdle(field));
      const address = form.getAttribute('action') + '?' + new URLSearchParams(fields.map(({ name, value }) => [name, value]));
      const shown = document.getElementById('results');
      shown.setAttribute('aria-busy', 'true');
      try {
        const reply = await fetch(address, { signal: asking.signal });
        if (!reply.ok) return form.requestSubmit();
        const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
        shown.replaceChildren(...page.getElementById('results').childNodes);
        const [csv, fresh] = [document, page].map((one) => one.querySelector('.head a'));
        csv.setAttribute('href', fresh.getAttribute('href'));
        history.replaceState(null, '', address);
        watchTables();
      } catch (error) {
        if (error.name !== 'AbortError') form.requestSubmit();
        return;
      }
      shown.removeAttribute('aria-busy');
    };
    search.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 250);
    });
  }`;
}

/** What is hovered or focused says its numbers; arrow keys go from mark to mark, of which Tab reaches one a chart. */
function charts(): string {
  return `
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  // The mark itself is named so.
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  const show = (mark, x, y) => {
    tip.replaceChildren(...mark.dataset.tip.split('\\n').map((line) => {
      const element = document.createElement('p');
      element.textContent = line;
      return element;
    }));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - width - 4)) + 'px';
    tip.style.top = (y - height - 10 < 4 ? y + 18 : y - height - 10) + 'px';
  };
  for (const svg of document.querySelectorAll('svg.plot')) {
    const marks = [...svg.querySelectorAll('a')];
    if (marks.length === 0) continue;
    // A title of a picture would be its tooltip too.
    const title = svg.querySelector(':scope > title');
    svg.setAttribute('aria-label', title.textContent + '. Arrow keys move between its parts.');
    svg.setAttribute('aria-describedby', svg.querySelector(':scope > desc').id);
    svg.removeAttribute('aria-labelledby');
    svg.setAttribute('role', 'application');
    title.remove();
    for (const mark of marks) {
      const words = mark.querySelector('title');
      mark.dataset.tip = words.textContent;
      mark.setAttribute('aria-label', words.textContent.replaceAll('\\n', ', '));
      words.remove();
      mark.closest('g[aria-hidden]')?.removeAttribute('aria-hidden');
    }
    let entry = marks.findLast((mark) => mark.closest('.column')) ?? marks.at(-1);
    entry.setAttribute('tabindex', '0');
    const columns = () => {
      const found = new Map();
      for (const mark of marks) {
        const { x, width } = mark.getBBox();
        const place = Math.round((x + width / 2) * 2);
        found.set(place, [...(found.get(place) ?? []), mark]);
      }
      // From the bottom up; the whole of a day comes after its parts.
      const height = (mark) => (mark.closest('.column') ? Infinity : -mark.getBBox().y);
      return [...found].sort(([a], [b]) => a - b).map(([, all]) => all.sort((a, b) => height(a) - height(b)));
    };
    const nameOf = (mark) => mark.closest('.column') ? '' : mark.dataset.tip.split('\\n')[0];
    // Chromium makes a stop of an SVG that listens to keys itself.
    const place = svg.parentElement;
    place.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') return hide();
      const all = columns();
      const here = all.findIndex((column) => column.includes(event.target));
      if (here < 0) return;
      const level = all[here].indexOf(event.target);
      const beside = (column) => column?.find((mark) => nameOf(mark) === nameOf(event.target)) ?? column?.at(-1);
      const next = {
        ArrowLeft: () => beside(all[here - 1]),
        ArrowRight: () => beside(all[here + 1]),
        ArrowUp: () => all[here][level + 1],
        ArrowDown: () => all[here][level - 1],
        Home: () => beside(all[0]),
        End: () => beside(all.at(-1)),
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const mark = next();
      if (mark === undefined) return;
      entry.setAttribute('tabindex', '-1');
      entry = mark;
      entry.setAttribute('tabindex', '0');
      entry.focus();
    });
    place.addEventListener('focusin', ({ target }) => {
      const { right, top } = target.getBoundingClientRect();
      if (target.dataset.tip && target.matches(':focus-visible')) show(target, right, Math.max(top, 0));
    });
    place.addEventListener('focusout', hide);
    place.addEventListener('pointermove', ({ target, clientX, clientY }) => {
      const mark = target.closest('a');
      if (mark === null) hide();
      else show(mark, clientX, clientY);
    });
    place.addEventListener('pointerleave', hide);
  }
  addEventListener('scroll', hide, { passive: true });`;
}

/** Only a table that is wider than its place says so, and only what can be moved is a stop for the Tab key. */
function tables(): string {
  return `
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) measure(target.closest('.scroll'));
  });
  function measure(region) {
    const isWide = region.scrollWidth > region.clientWidth + 1;
    region.parentElement.classList.toggle('is-wide', isWide);
    region.parentElement.classList.toggle('fits', !isWide);
    if (isWide || region.scrollHeight > region.clientHeight + 1) region.setAttribute('tabindex', '0');
    else region.removeAttribute('tabindex');
  }
  function watchTables() {
    for (const region of document.querySelectorAll('.scrolling > .scroll')) {
      watcher.observe(region);
      watcher.observe(region.querySelector('table'));
    }
  }
  watchTables();`;
}
