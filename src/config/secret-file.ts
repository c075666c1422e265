/** A secret that stands in a file, as Docker and Kubernetes hand them out: `HTTP_TOKEN_FILE=/run/secrets/token`. */
import { readFileSync } from 'node:fs';

export type SecretFile = { readonly text: string } | { readonly problem: string };

/**
 * @param variable that names the file, for the problem's text.
 * @returns the text without the line breaks at its end; or what is wrong, which goes on from the name of the secret.
 */
export function readSecretFile(variable: string, path: string): SecretFile {
  if (looksSecret(path)) {
    return {
      problem: `is looked for in a file, and ${variable} names none but seems to hold the secret itself: give the path there`,
    };
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { problem: `cannot be read from ${path}, which ${variable} names (${reason})` };
  }
  const secret = text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  return secret === ''
    ? { problem: `is missing: the file ${path}, which ${variable} names, is empty` }
    : { text: secret };
}

/** A slip of whoever sets it, whose value is then not for a message: a key, a token or a URL with a password. */
const looksSecret = (path: string): boolean => /^sk-|:\/\/|^[^/\\.]{20,}$|[\r\n\0]/.test(path);
