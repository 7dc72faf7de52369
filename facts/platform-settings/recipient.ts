import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Settings } from './shape';

/** This repository: what the setting names is in git, as everything that is rendered. */
const REPOSITORY = join(__dirname, '../..');

/** The shortest RSA key that dumps of years to come are encrypted for. */
const LEAST_RSA_BITS = 3072;

/**
 * The certificate that dumps are encrypted for, as PEM; undefined where they are not.
 *
 * @throws Error naming the field, where the file is missing, holds a private key, or no dump can be encrypted for what it holds.
 */
export function dumpRecipient(
  { backup: { encryptFor } }: Pick<Settings, 'backup'>,
  repository = REPOSITORY,
): string | undefined {
  if (encryptFor === undefined) return undefined;
  const refuse = (problem: string): never => {
    throw new Error(`facts/settings.ts: backup.encryptFor: "${encryptFor}" ${problem}.`);
  };
  const path = join(repository, encryptFor);
  if (relative(repository, path).startsWith('..') || !existsSync(path))
    return refuse('is no file of this repository; put the certificate there, as facts/dump-recipient.pem');
  const text = readFileSync(path, 'utf8');
  if (text.includes('PRIVATE KEY'))
    return refuse('holds a private key, which must not be in git; take it out, and make another if it was pushed');
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length !== 1)
    return refuse(`holds ${certificates.length} certificates in PEM; write one, as openssl req -x509 does`);
  const certificate = parsed(certificates[0]!);
  if (!certificate) return refuse('holds no certificate that can be read; make it anew with openssl req -x509');
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = certificate.publicKey;
  if (kind !== 'rsa' && kind !== 'ec')
    return refuse(`has a key of the kind ${kind}, for which openssl cms encrypts nothing; make one of RSA or of P-256`);
  if (kind === 'rsa' && (details?.modulusLength ?? 0) < LEAST_RSA_BITS)
    return refuse(`has an RSA key of ${details?.modulusLength} bits; make one of ${LEAST_RSA_BITS} or more`);
  return certificate.toString();
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
