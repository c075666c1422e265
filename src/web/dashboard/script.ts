/** The script of the dashboard, for comfort only: without it the button does the same. */
export const SCRIPT = `
(() => {
  const form = document.querySelector('form.filters');
  if (form === null) return;
  const memory = 'tokenhouse-dashboard';
  // What is empty or as it is by itself stays out of the address.
  form.addEventListener('submit', () => {
    for (const field of form.elements) {
      const hasDays = form.elements.since.value !== '' || form.elements.last.value !== '';
      if (field.name && (field.value === '' || field.value === field.dataset.default || (field.name === 'range' && hasDays))) field.disabled = true;
    }
    const { id } = document.activeElement ?? {};
    try { sessionStorage.setItem(memory, JSON.stringify({ id: id ?? '', top: scrollY })); } catch {}
  });
  addEventListener('pageshow', () => { for (const field of form.elements) field.disabled = false; });
  // Not on each key: who steps through the choices with the arrow keys has a moment to go on.
  let waiting = 0;
  form.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => form.requestSubmit(), 350);
  });
  try {
    const { id, top } = JSON.parse(sessionStorage.getItem(memory) ?? '{}');
    sessionStorage.removeItem(memory);
    if (top) scrollTo(0, top);
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
  } catch {}
})();
`;
