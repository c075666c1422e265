/** Members of a JSON object as the text they came in, for JSON columns. Pure. */
import { type Element, membersAt, textAt } from '../../completion/json-bytes.ts';

const OPEN_BRACE = 0x7b;
/** Nested deeper than this a value gets no column of its own; `raw` holds it. */
const DEPTH_MAX = 500;
/** It also finds an escaped backslash before such letters: no harm done, what follows looks closer. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
/** An escape, or two that make one character; the groups are what stands alone and means half of one. */
const ESCAPES =
  /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89abAB][0-9a-fA-F]{2})|(\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\[\s\S]/g;

/** Escaped lone surrogates as U+FFFD: the engine refuses the statement that holds one. */
function acceptableJson(text: string): string {
  if (!SURROGATE_ESCAPE.test(text)) return text;
  return text.replace(ESCAPES, (whole, high, low) => ((high ?? low) === undefined ? whole : '\\ufffd'));
}

export class ObjectText {
  readonly #text: Uint8Array;
  /** Of a key that is there twice the last member, as in JSON.parse. */
  readonly #members: ReadonlyMap<string, Element>;

  /** @param at where the object stands in the text; what is no object has no members. */
  constructor(text: Uint8Array, at: Element | undefined) {
    this.#text = text;
    const members = at !== undefined && text[at.start] === OPEN_BRACE ? membersAt(text, at.start) : [];
    this.#members = new Map(members.map(({ key, value }) => [key, value]));
  }

  at(name: string): Element | undefined {
    return this.#members.get(name);
  }

  /** The member's object. */
  object(name: string): ObjectText {
    return new ObjectText(this.#text, this.at(name));
  }

  /** The member's JSON; null where it is absent, null, or nested too deep. */
  json(name: string): string | null {
    const at = this.at(name);
    if (at === undefined || at.depth > DEPTH_MAX) return null;
    const text = textAt(this.#text, at);
    return text === 'null' ? null : acceptableJson(text);
  }

  /**
   * An object of the members that are not named.
   *
   * @param more members to put behind them: key and JSON.
   * @returns null when there are none; members that are nested too deep are left out.
   */
  others(named: ReadonlySet<string>, more: Readonly<Record<string, string | null>> = {}): string | null {
    const members = [...this.#members]
      .filter(([key, { depth }]) => !named.has(key) && depth <= DEPTH_MAX)
      .map(([key, at]) => [key, acceptableJson(textAt(this.#text, at))] as const);
    const all = [...members, ...Object.entries(more).filter((member) => member[1] !== null)];
    if (all.length === 0) return null;
    return `{${all.map(([key, json]) => `${JSON.stringify(key.toWellFormed())}:${json}`).join(',')}}`;
  }
}
