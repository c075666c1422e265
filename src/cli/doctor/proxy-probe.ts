/** Which way requests to a source go. */
import type { ProxySettings } from '../../config.ts';
import { type Probe, probe } from '../../health/probe.ts';
import { canUseProxy, OLD_NODE, routeOf } from '../../proxy.ts';
import type { SourceSettings } from '../../source/settings.ts';

/** @returns nothing where no proxy is set. */
export function probeProxy(settings: ProxySettings | null, source: SourceSettings): readonly Probe[] {
  if (settings === null || (settings.https === null && settings.http === null)) return [];
  const route = routeOf(settings, source.baseUrl);
  const tell = (status: 'ok' | 'warn', what: string, mend: string | null = null) => [
    probe('proxy', status, what, mend, source.name),
  ];
  switch (route.kind) {
    case 'direct': {
      const scheme = new URL(source.baseUrl).protocol.replace(':', '');
      return tell('ok', `none: ${scheme.toUpperCase()}_PROXY is not set, and the API is at ${scheme}://`);
    }
    case 'bypass':
      return tell('ok', 'none: NO_PROXY names the API’s host');
    case 'proxy':
      return canUseProxy(settings)
        ? tell('ok', `requests go through ${route.proxy} (${route.setting})`)
        : tell('warn', `${route.proxy} (${route.setting}) is set and not used`, OLD_NODE);
  }
}
