import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notes } from '../../facts/notes';
import { dumpRecipient } from '../../facts/platform-settings/recipient';
import { settings } from '../../facts/settings';
import { model } from '../../main';
import { checkPlatform } from '../../lib/checks';
import { renderFiles } from '../../lib/synthesis/render';

const CERTIFICATES = join(__dirname, '../fixtures/certificates');
const certificate = (name: string) => readFileSync(join(CERTIFICATES, `${name}.pem`), 'utf8');
const encryptedFor = (encryptFor?: string) => ({ ...settings, backup: { ...settings.backup, encryptFor } });
const ELLIPTIC = 'test/fixtures/certificates/elliptic.pem';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'recipient-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('nothing is encrypted until the settings name a certificate, and a note says so', () => {
  expect(dumpRecipient(settings)).toBeUndefined();
  const inTheClear = /backup\.encryptFor: names no certificate, so dumps lie in the clear on the card of worker-2/;
  expect(notes(settings, '').filter((note) => inTheClear.test(note))).toHaveLength(1);
  expect(notes(encryptedFor(ELLIPTIC), '').filter((note) => note.includes('encryptFor'))).toEqual([]);
});

test.each([
  ['nothing', undefined, /"recipient\.pem" is no file of this repository/],
  ['a key beside the certificate', `${certificate('elliptic')}-----BEGIN PRIVATE KEY-----\n`, /holds a private key/],
  ['a text', 'recipient', /holds 0 certificates/],
  ['two', certificate('elliptic').repeat(2), /holds 2 certificates/],
  ['half of one', certificate('elliptic').replace(/\n.{20}/, '\n'), /no certificate that can be read/],
  [
    'one that only signs',
    certificate('signing-only'),
    /key of the kind ed25519, for which openssl cms encrypts nothing/,
  ],
  ['one of a short key', certificate('short-rsa'), /RSA key of 2048 bits; make one of 3072 or more/],
])('a file that holds %s is refused with file and field', (_, text, sentence) => {
  if (text !== undefined) writeFileSync(join(folder, 'recipient.pem'), text);
  const read = () => dumpRecipient(encryptedFor('recipient.pem'), folder);
  expect(read).toThrow(/^facts\/settings\.ts: backup\.encryptFor: .*\.$/);
  expect(read).toThrow(sentence);
});

test('a file outside the repository is refused: what is rendered is in git', () => {
  writeFileSync(join(folder, 'recipient.pem'), certificate('elliptic'));
  expect(() => dumpRecipient(encryptedFor('../recipient.pem'), join(folder, 'inner'))).toThrow(/is no file of this/);
});

test('with one the backup alone is told it, the restore holds no key, and no rule is broken', () => {
  const chosen = encryptedFor(ELLIPTIC);
  const rendered = model(chosen);
  const files = renderFiles(rendered);
  const objects = files.flatMap((file) => file.objects) as unknown as Rendered[];
  const of = (kind: string, name: string) => objects.find((each) => each.kind === kind && each.metadata.name === name)!;
  expect(of('ConfigMap', 'postgres-backup-scripts').data?.['recipient.pem']).toBe(dumpRecipient(chosen));
  const told = (name: string) =>
    of('CronJob', name).spec.jobTemplate.spec.template.spec.containers[0]!.env.find(
      (variable) => variable.name === 'ENCRYPT_FOR',
    )?.value;
  expect([told('postgres-backup'), told('postgres-restore')]).toEqual(['/scripts/recipient.pem', undefined]);
  expect(checkPlatform(rendered, files)).toEqual([]);
});

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly containers: readonly {
              readonly env: readonly { readonly name: string; readonly value?: string }[];
            }[];
          };
        };
      };
    };
  };
}
