import { type Fault, rateLimited } from './faults.ts';

/** Counts requests by the minute of the server's clock, as a rate limit does. */
export class MinuteBudget {
  #minute = Number.NEGATIVE_INFINITY;
  #spent = 0;

  /**
   * Counts one request and tells the client of the budget in `headers`.
   *
   * @param perMinute null: no limit, and nothing is added to `headers`.
   * @returns the refusal when the minute's requests are used up.
   * @see OpenAI, "Rate limits in headers": reset is a Go duration such as `1s` or `6m0s`.
   */
  spend(perMinute: number | null, nowSeconds: number, headers: Record<string, string>): Fault | null {
    if (perMinute === null) return null;
    const minute = Math.floor(nowSeconds / 60);
    if (minute !== this.#minute) this.#spent = 0;
    this.#minute = minute;
    this.#spent++;
    const resetSeconds = Math.max(1, Math.ceil((minute + 1) * 60 - nowSeconds));
    headers['x-ratelimit-limit-requests'] = String(perMinute);
    headers['x-ratelimit-remaining-requests'] = String(Math.max(0, perMinute - this.#spent));
    headers['x-ratelimit-reset-requests'] = resetSeconds < 60 ? `${resetSeconds}s` : '1m0s';
    return this.#spent > perMinute ? rateLimited({ kind: 'seconds', seconds: resetSeconds }) : null;
  }
}
