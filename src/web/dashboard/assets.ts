/** Files of the page, by names that change with what is in them: a browser may keep them for good. */
import { hash } from 'node:crypto';
import { SCRIPT } from './script.ts';
import { STYLESHEET } from './stylesheet.ts';

interface Asset {
  /** Such as `dashboard-1a2b3c4d.css`. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#1f5fbf" d="M16 2 2 13v17h28V13z"/>' +
  '<path fill="#fff" d="M8 20h4v6H8zm6-5h4v11h-4zm6 3h4v8h-4z"/></svg>';

function assetOf(stem: string, extension: string, type: string, text: string): Asset {
  return { name: `${stem}-${hash('sha256', text).slice(0, 8)}.${extension}`, type, text };
}

export const STYLE = assetOf('dashboard', 'css', 'text/css; charset=utf-8', STYLESHEET);
export const BEHAVIOUR = assetOf('dashboard', 'js', 'text/javascript; charset=utf-8', SCRIPT);
export const FAVICON = assetOf('icon', 'svg', 'image/svg+xml', ICON);

export const ASSETS: readonly Asset[] = [STYLE, BEHAVIOUR, FAVICON];
