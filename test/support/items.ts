/** Items from their text, as a page would hold them. */
import { membersAt, skipSpace, textAt, valueAt } from '../../src/completion/json-bytes.ts';
import { parseItem } from '../../src/source/parse-item.ts';
import type { EndpointKind } from '../../src/source/settings.ts';
import type { Item } from '../../src/sync/ports.ts';

export const itemOf = (text: string, kind: EndpointKind = 'openai'): Item => {
  const page = Buffer.from(text);
  return parseItem(page, valueAt(page, skipSpace(page, 0)), kind);
};

export const textOf = ({ raw }: Pick<Item, 'raw'>): string => Buffer.from(raw).toString();

/** A member's own text: parsing and writing it again would hide what a test is for. */
export function memberText(object: string, key: string): string {
  const text = Buffer.from(object);
  const member = membersAt(text, skipSpace(text, 0)).findLast((one) => one.key === key);
  return member === undefined ? '' : textAt(text, member.value);
}
