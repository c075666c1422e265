/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, for all that this process requests: the API, the webhook, the collector of traces. */
import http from 'node:http';
import type { ProxySettings } from './config.ts';
import type { Log } from './log.ts';

/** From Node 24.14 on (nodejs/node#60953); the types are of any of 24. */
type SetGlobalProxy = (environment: NodeJS.ProcessEnv) => () => void;

const setGlobalProxy = (): SetGlobalProxy | null =>
  'setGlobalProxyFromEnv' in http ? (http.setGlobalProxyFromEnv as SetGlobalProxy) : null;

/** Whether requests of this process pass a proxy that is set. */
export const canUseProxy = ({ startedWith }: ProxySettings): boolean =>
  startedWith || setGlobalProxy() !== null;

export const OLD_NODE =
  'this Node asks no proxy by itself: take Node 24.14 or newer, or start 22.21 or newer with NODE_USE_ENV_PROXY=1';

/**
 * Sets it for `fetch` and the agents of the whole process.
 *
 * @returns puts back what was there before.
 */
export function useProxy(settings: ProxySettings, log: Log): () => void {
  const { https, http: plain, bypass } = settings;
  if (https === null && plain === null) return () => {};
  const set = setGlobalProxy();
  if (set !== null) {
    return set({
      ...(https === null ? {} : { HTTPS_PROXY: https }),
      ...(plain === null ? {} : { HTTP_PROXY: plain }),
      ...(bypass === null ? {} : { NO_PROXY: bypass }),
    });
  }
  if (!settings.startedWith) log.warn(`HTTPS_PROXY or HTTP_PROXY is set, but ${OLD_NODE}`);
  return () => {};
}

/** How requests to a URL go: `proxy` is host and port only, as a proxy's URL may hold a password. */
export type Route =
  | { readonly kind: 'direct' }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'proxy'; readonly setting: 'HTTPS_PROXY' | 'HTTP_PROXY'; readonly proxy: string };

/** As Node decides it; the tests hold the two together. */
export function routeOf(settings: ProxySettings, url: string): Route {
  const target = new URL(url);
  const isTls = target.protocol === 'https:';
  const proxy = isTls ? settings.https : settings.http;
  if (proxy === null) return { kind: 'direct' };
  const port = target.port || (isTls ? '443' : '80');
  if (isBypassed(settings.bypass ?? '', target.hostname, port)) return { kind: 'bypass' };
  const { protocol, hostname, port: proxyPort } = new URL(proxy);
  const shown = `${hostname}:${proxyPort || (protocol === 'https:' ? '443' : '80')}`;
  return { kind: 'proxy', setting: isTls ? 'HTTPS_PROXY' : 'HTTP_PROXY', proxy: shown };
}

/** `*`, a host, `.domain` or `*.domain`, each with a port or without. */
function isBypassed(list: string, host: string, port: string): boolean {
  return list.split(/[,\s]/).some((entry) => {
    const [, name = entry, ownPort = null] = /^(.+):(\d+)$/.exec(entry) ?? [];
    if (name === '*') return true;
    const domain = name.toLowerCase().replace(/^\*?\./, '');
    if (domain === '' || (ownPort !== null && ownPort !== port)) return false;
    return host === domain || host.endsWith(`.${domain}`);
  });
}
