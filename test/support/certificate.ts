/** A certificate for 127.0.0.1 and localhost that signs itself, made by openssl. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removedLater } from './server.ts';
import { finished } from './shell.ts';

export interface Certificate {
  /** Path of the certificate, which is its own authority. */
  readonly certificate: string;
  readonly key: string;
}

export async function selfSigned(): Promise<Certificate> {
  const folder = removedLater(await mkdtemp(join(tmpdir(), 'tokenhouse-certificate-')));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const made = await finished('openssl', ['req', ...how, ...names, '-keyout', key, '-out', certificate]);
  if (made.code !== 0) throw new Error(`openssl ended with ${made.code}:\n${made.stderr}`);
  return { certificate, key };
}
