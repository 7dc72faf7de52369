import type { SoundPlatform } from '../sound-platform';
import { pod, web, type Case } from './case';
import { inFile, NGINX, nginx, script } from './programs';

const POSTGRES = 'postgres:16.4';

const sql = (rule: string, when: string, text: string, message: RegExp): Case =>
  inFile(rule, when, POSTGRES, 'roles.sql', `${text}\n`, message);

const shell = (rule: string, when: string, text: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: (p: SoundPlatform) => script(p, text),
  object: 'ConfigMap/web',
  field: 'data["run.sh"]',
  message,
});

const dump = (when: string, text: string, message: RegExp): Case =>
  shell(
    'dumps-are-whole',
    when,
    `#!/bin/bash\nset -euo pipefail\numask 077\npg_dump --format=custom --file=x\npg_restore --list x\n${text}\n`,
    message,
  );

const UNLOGGED =
  "SET LOCAL log_min_error_statement = panic; SET LOCAL log_min_duration_statement = -1; SET LOCAL log_statement = 'none';";
const DEFINER = 'CREATE FUNCTION shop.f() RETURNS void LANGUAGE sql SECURITY DEFINER';

/** Files of statements, and what scripts say whoever runs them. */
// prettier-ignore
export const statementCases: readonly Case[] = [
  sql('passwords-stay-out-of-the-log', 'a password is written out', "ALTER ROLE web PASSWORD 'web';", /a password is written out/),
  sql('passwords-stay-out-of-the-log', 'a statement that fails is logged', `${UNLOGGED.replace(/^[^;]*;/, '')}\nALTER ROLE web PASSWORD :'word';`, /log_min_error_statement lets the statement be logged/),
  sql('passwords-stay-out-of-the-log', 'every statement is logged', `${UNLOGGED.replace(/[^;]*;$/, '')}\nALTER ROLE web PASSWORD :'word';`, /log_statement lets the statement be logged/),
  sql('functions-run-as-they-were-made', 'a function trusts its caller', `${DEFINER} AS $$ SELECT 1 $$;\nREVOKE ALL ON FUNCTION shop.f() FROM PUBLIC;`, /shop\.f takes what it calls from the search_path/),
  sql('functions-run-as-they-were-made', 'every role may call it', `${DEFINER} SET search_path = pg_catalog AS $$ SELECT 1 $$;`, /every role may call shop\.f/),
  sql('databases-are-entered-by-name', 'PUBLIC may still enter', 'GRANT CONNECT ON DATABASE shop TO web;', /every role may still enter the database shop/),
  sql('databases-are-entered-by-name', 'another is made the owner as well', 'ALTER DATABASE shop OWNER TO owner;\nGRANT owner TO web;', /web is made a member of owner/),
  sql('roles-of-the-database-stay-small', 'everybody is given it', 'GRANT SELECT ON TABLES TO PUBLIC;', /every role is given it/),
  sql('roles-of-the-database-stay-small', 'a role may make tables', 'GRANT CREATE, USAGE ON SCHEMA shop TO web;', /makes tables of its own/),
  sql('roles-of-the-database-stay-small', 'a second right is one of the server', 'GRANT pg_read_all_data, pg_write_all_data TO web;', /every table/),
  shell('scripts-show-no-values', 'a trace was left in', '#!/bin/bash\nset -euxo pipefail\ndate\n', /"set -euxo pipefail" writes each command with its values/),
  shell('scripts-show-no-values', 'its first line asks for a trace', '#!/bin/bash -ex\ndate\n', /"#!\/bin\/bash -ex" writes/),
  shell('scripts-notice-what-fails', 'a pipe ends well whatever began it', '#!/bin/bash\nset -eu\ndate | sort > /tmp/x\n', /only the failure of the last one/),
  shell('scripts-notice-what-fails', 'it does not pause', '#!/bin/bash\nset -eu\nsleep "${PAUSE:-0}"\n', /keeps a core of the node busy/),
  shell('scripts-notice-what-fails', 'nobody waits for what it begins', '#!/bin/bash\nset -eu\ndate &\nclock=$!\necho\n', /clock runs in the background/),
  shell('scripts-find-their-neighbours', 'a file beside it has another name', '#!/bin/bash\nset -eu\nhere=/x\npsql --set ON_ERROR_STOP=1 --file="$here/role.sql"\n', /it names role\.sql, and beside it are mode, run\.sh/),
  sql('scripts-find-their-neighbours', 'a file of statements is not there', '\\ir privilege.sql', /it names privilege\.sql/),
  shell('signals-reach-their-program', 'nothing ends a loop', '#!/bin/bash\nset -eu\nwhile true; do\n  sleep 5\ndone\n', /"while true; do" ends by no signal/),
  {
    rule: 'scripts-delete-by-name',
    when: 'find deletes what is old',
    breakIt: (p) => {
      script(p, "#!/bin/bash\nset -e\nfind /kept -name '*.dump' -mtime +7 -delete\n");
      pod(p).volumes.push({ name: 'kept', persistentVolumeClaim: { claimName: 'kept' } });
      web(p).volumeMounts.push({ name: 'kept', mountPath: '/kept' });
    },
    object: 'ConfigMap/web',
    field: 'data["run.sh"]',
    message: /find deletes below \/kept what it comes across/,
  },
  shell('dumps-are-whole', 'everybody may read them', '#!/bin/bash\nset -euo pipefail\npg_dump --format=custom --file=x\npg_restore --list x\n', /without umask 077/),
  dump('several jobs write one file', 'pg_dump --format=custom --jobs=4 --file=y', /--jobs writes the format directory alone/),
  dump('they are encrypted weakly', 'openssl cms -encrypt -des3 -in x -out y key.pem', /-des3 is no encryption for years/),
  dump('their names sort by the day of the month', 'name="$(date +%d%m%Y)"', /%d%m%Y do not sort by age/),
  dump('times of two forms are compared', 'name="$(date +%Y%m%d)"; old="$(date +%Y%m%dT%H)"', /%Y%m%d and %Y%m%dT%H are compared/),
  dump('the newest are deleted', 'ls | sort | tail --lines="+3"', /the newest dumps are deleted/),
  shell('statements-stop-at-an-error', 'a function hands statements on', '#!/bin/bash\nset -eu\nask() {\n  psql --quiet "$@"\n}\n', /goes on after a statement that failed/),
  shell('statements-stop-at-an-error', 'nothing began what it ends', "#!/bin/bash\nset -eu\necho 'DROP TABLE x; COMMIT;'\n", /no BEGIN; comes first/),
  inFile('databases-ask-for-passwords', 'the pooler leads to every database', 'edoburu/pgbouncer:v1.24.1-p1', 'pgbouncer.ini', '* = host=database port=5432\n', /every database of the server/),
  ...[['access_log /var/log/nginx/x.log;', /access_log \/var\/log\/nginx\/x\.log: nothing can be written/], ['return 301 http://shop.example.com/;', /return 301 http:.* without TLS/]].map(([line, message]): Case => ({ rule: 'servers-can-serve-their-pages', when: `nginx is told ${String(line)}`, breakIt: (p) => nginx(p, NGINX.replace('listen', `${String(line)}\n  listen`)), object: 'ConfigMap/web', field: 'data["default.conf"]', message: message as RegExp })),
];
