/** `/readyz`: whether this process can do its work now. */

export interface ReadyCheck {
  /** One word, such as `queue`. */
  readonly name: string;
  /** It is shown, and the process can do its work all the same. */
  readonly isAdvice?: boolean;
  /** null: all is well; else what is wrong, without a secret. What it throws counts as wrong too. */
  check(): Promise<string | null> | string | null;
}

export interface Readiness {
  readonly isReady: boolean;
  /** By name: null, or what is wrong. */
  readonly checks: Readonly<Record<string, string | null>>;
}

const CHECK_SECONDS_MAX = 2;

/** All checks at once, each within 2 s: a probe is given up after some seconds itself. */
export async function readinessOf(checks: readonly ReadyCheck[]): Promise<Readiness> {
  const found = await Promise.all(
    checks.map(async (one) => ({ name: one.name, isAdvice: one.isAdvice, reason: await reasonOf(one) })),
  );
  return {
    isReady: found.every(({ isAdvice, reason }) => isAdvice === true || reason === null),
    checks: Object.fromEntries(found.map(({ name, reason }) => [name, reason])),
  };
}

async function reasonOf(one: ReadyCheck): Promise<string | null> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => resolve(`no answer within ${CHECK_SECONDS_MAX} s`),
    CHECK_SECONDS_MAX * 1000,
  );
  try {
    return await Promise.race([Promise.try(() => one.check()), late]);
  } catch {
    // Its message is a library's, and may hold anything.
    return 'the check failed';
  } finally {
    clearTimeout(timer);
  }
}
