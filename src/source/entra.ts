/** Tokens of Entra ID for Azure, in place of a key, by Microsoft's own library; it is loaded only when one is asked for. */
import { SettingsError, TerminalError, TransientError } from '../errors.ts';
import { FailedAttempt } from './retry.ts';
import type { EntraSettings } from './settings.ts';

/** @see https://learn.microsoft.com/azure/ai-foundry/openai/how-to/managed-identity */
const SCOPE = 'https://cognitiveservices.azure.com/.default';

/** "A transient error has occurred"; every other code is about what was asked. */
const ENTRA_IS_BUSY = 'AADSTS90033';

/** A token that is good for the next minutes: kept, and renewed before it expires. */
export type Tokens = (signal: AbortSignal) => Promise<string>;

/**
 * @param sourceName for messages.
 * @returns throws {FailedAttempt} when there is no token: to be tried again only where the network failed.
 */
export function entraTokens(sourceName: string, settings: EntraSettings): Tokens {
  // One for all walkers, and a failed load is tried again.
  let provider: ReturnType<typeof load> | null = null;
  return async (signal) => {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    // The library keeps one request for all who wait, so it is the waiting that ends.
    signal.addEventListener('abort', abort, { once: true });
    provider ??= load(settings);
    try {
      return await Promise.race([provider.then((token) => token()), aborted]);
    } catch (error) {
      signal.throwIfAborted();
      provider = null;
      throw refused(sourceName, error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}

async function load(settings: EntraSettings): Promise<() => Promise<string>> {
  const { ClientSecretCredential, DefaultAzureCredential, getBearerTokenProvider } = await import(
    '@azure/identity'
  );
  const { tenantId, clientId, clientSecret, authorityHost } = settings;
  const options = {
    // The host is the operator's own setting, and a machine may have no way to the public cloud that would vouch for it.
    disableInstanceDiscovery: true,
    ...(authorityHost === null ? {} : { authorityHost }),
  };
  const credential =
    tenantId !== null && clientId !== null && clientSecret !== null
      ? new ClientSecretCredential(tenantId, clientId, clientSecret, options)
      : new DefaultAzureCredential({
          ...options,
          ...(clientId === null ? {} : { managedIdentityClientId: clientId }),
        });
  return getBearerTokenProvider(credential, SCOPE);
}

/** The library's message may hold a reply, so it is not ours; an AADSTS code in it says what Entra minds. */
function refused(sourceName: string, error: unknown): FailedAttempt {
  const never = (ours: TerminalError): FailedAttempt => new FailedAttempt(ours, { retry: false });
  const what = `source ${sourceName}: no token of Entra (AZURE_AUTH=entra)`;
  if (!(error instanceof Error)) return never(new TerminalError(what));
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
    const words = 'AZURE_AUTH=entra needs the package @azure/identity: npm install @azure/identity';
    return never(new SettingsError(words));
  }
  const aadsts = /\bAADSTS\d+/.exec(error.message)?.[0];
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
  const said = [status, aadsts].filter((one) => one !== null && one !== undefined).join(', ');
  if (error.name === 'CredentialUnavailableError' || error.name === 'AggregateAuthenticationError') {
    return never(
      new TerminalError(
        `${what}: no identity was found here: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give this machine a managed identity`,
      ),
    );
  }
  const isClients = status !== null && status >= 400 && status < 500 && status !== 429;
  if (isClients || (aadsts !== undefined && aadsts !== ENTRA_IS_BUSY)) {
    const check = 'check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET';
    return never(new TerminalError(`${what}: Entra refuses (${said}): ${check}`));
  }
  const message = `${what}: Entra cannot be reached or failed (${said || error.name})`;
  return new FailedAttempt(new TransientError(message), { retry: true });
}
