/** Questions on a terminal. Loaded only when there is somebody to ask. */
import type { Readable, Writable } from 'node:stream';
import { isCancel, password, text } from '@clack/prompts';
import { SETTINGS, type SettingName } from '../../config/table.ts';
import { EXIT, TokenhouseError } from '../../errors.ts';
import type { Questions } from './answers.ts';

/** Ctrl-C, which a terminal in raw mode sends as a key and not as a signal. */
export class CancelledError extends TokenhouseError {
  readonly exitCode = EXIT.interrupted;
  constructor() {
    super('init is cancelled, nothing is written');
  }
}

export function questionsOn(input: Readable, output: Writable, signal: AbortSignal): Questions {
  const common = { input, output, signal };
  const problemOf = (name: SettingName, value: string): string | undefined => {
    const parsed = SETTINGS[name].field.safeParse(value);
    return parsed.success ? undefined : parsed.error.issues[0]?.message;
  };
  return {
    async ask(name, message, fallback) {
      const answer = await text({
        ...common,
        message,
        ...(fallback === null ? {} : { defaultValue: fallback, placeholder: fallback }),
        validate: (value) => problemOf(name, value || (fallback ?? '')),
      });
      return answered(answer);
    },
    async askSecret(message) {
      const validate = (value: string | undefined) => problemOf('OPENAI_API_KEY', value ?? '');
      return answered(await password({ ...common, message, validate }));
    },
  };

  function answered(answer: Awaited<ReturnType<typeof text>>): string {
    if (isCancel(answer)) throw signal.aborted ? signal.reason : new CancelledError();
    return answer;
  }
}
