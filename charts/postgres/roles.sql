-- Run by roles.sh in the database, as the superuser. One transaction: a client finds either everything as before or all of it done.
\getenv database DATABASE_NAME
\getenv owner DATABASE_OWNER_USER
\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv application DATABASE_USER
\getenv application_password DATABASE_PASSWORD
\getenv backup DATABASE_BACKUP_USER
\getenv backup_password DATABASE_BACKUP_PASSWORD
BEGIN;
-- A statement that holds a password must not reach the log.
SET LOCAL log_min_error_statement = panic;
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_statement = 'none';
SET LOCAL client_min_messages = warning;
-- Clients must not queue behind one that waits: the next try is soon.
SET LOCAL lock_timeout = '10s';

SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'application', :'backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"application" LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- A dump must hold all rows, those too that a policy of a table would hide.
ALTER ROLE :"backup" LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
\if :owner_is_let_in
\else
ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :application_is_let_in
\else
ALTER ROLE :"application" PASSWORD :'application_password';
\endif
\if :backup_is_let_in
\else
ALTER ROLE :"backup" PASSWORD :'backup_password';
\endif

-- Whatever else they were made members of, they are members of these alone.
SELECT format('REVOKE %I FROM %I GRANTED BY %I', granted.rolname, member.rolname, grantor.rolname)
FROM pg_auth_members AS membership
JOIN pg_roles AS granted ON granted.oid = membership.roleid
JOIN pg_roles AS member ON member.oid = membership.member
JOIN pg_roles AS grantor ON grantor.oid = membership.grantor
WHERE member.rolname IN (:'owner', :'application', :'backup')
  AND (granted.rolname, member.rolname) NOT IN ((:'application', :'owner'), ('pg_read_all_data', :'backup')) \gexec
GRANT :"application" TO :"owner";
GRANT pg_read_all_data TO :"backup";

-- The three enter this database and no other.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I, %I, %I', datname, :'owner', :'application', :'backup')
FROM pg_database WHERE datallowconn AND datname <> :'database' \gexec
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"application", :"backup";
GRANT CONNECT ON DATABASE :"database" TO :"application", :"backup";

-- Everything in it belongs to the owner: what another role of ours made, and what a person made or restored as the superuser.
SELECT format('REASSIGN OWNED BY %I TO %I', role.rolname, :'owner')
FROM pg_roles AS role
WHERE NOT role.rolsuper AND role.rolname <> :'owner' AND role.oid IN (
  SELECT refobjid FROM pg_shdepend
  WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o'
    AND classid NOT IN ('pg_largeobject'::regclass, 'pg_default_acl'::regclass)
    AND dbid = (SELECT oid FROM pg_database WHERE datname = :'database')
) \gexec
-- Neither what an extension brought, nor what goes with something else: a sequence with its table, the types of rows, arrays and
-- multiranges, a routine with its type.
SELECT format('ALTER %s %s OWNER TO %I', made.kind, made.name, :'owner')
FROM (
  SELECT 'SCHEMA', quote_ident(nspname), nspowner, oid, 'pg_namespace'::regclass, oid FROM pg_namespace
  UNION ALL
  SELECT 'TABLE', oid::regclass::text, relowner, relnamespace, 'pg_class'::regclass, oid FROM pg_class AS relation
  WHERE relkind IN ('r', 'p', 'v', 'm', 'f') OR relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND objid = relation.oid AND objsubid = 0 AND deptype IN ('a', 'i')
  )
  UNION ALL
  SELECT 'ROUTINE', oid::regprocedure::text, proowner, pronamespace, 'pg_proc'::regclass, oid FROM pg_proc AS routine
  WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = routine.oid AND deptype = 'i')
  UNION ALL
  SELECT 'TYPE', oid::regtype::text, typowner, typnamespace, 'pg_type'::regclass, oid FROM pg_type AS type
  WHERE (typtype IN ('b', 'd', 'e', 'r') OR EXISTS (SELECT FROM pg_class WHERE oid = type.typrelid AND relkind = 'c'))
    AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = type.oid)
) AS made (kind, name, owner, schema, class, object)
JOIN pg_roles AS holder ON holder.oid = made.owner
JOIN pg_namespace AS schema ON schema.oid = made.schema
WHERE holder.rolsuper AND schema.nspname NOT IN ('information_schema', 'platform') AND schema.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = made.class AND objid = made.object AND deptype = 'e') \gexec

-- Large objects are the application's. Postgres 16 knows no default privileges for them, so the backup asks for its own.
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) TO :"application";
CREATE SCHEMA IF NOT EXISTS platform;
SELECT format($create$
CREATE OR REPLACE FUNCTION platform.let_backup_read_large_objects() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  large_object oid;
BEGIN
  FOR large_object IN
    SELECT oid FROM pg_largeobject_metadata
    WHERE NOT EXISTS (SELECT FROM aclexplode(lomacl) WHERE grantee = %L::regrole AND privilege_type = 'SELECT')
  LOOP
    EXECUTE format('GRANT SELECT ON LARGE OBJECT %%s TO %%I', large_object, %L);
  END LOOP;
END
$body$
$create$, quote_ident(:'backup'), :'backup') \gexec
REVOKE ALL ON SCHEMA platform FROM PUBLIC;
REVOKE ALL ON FUNCTION platform.let_backup_read_large_objects() FROM PUBLIC;
GRANT USAGE ON SCHEMA platform TO :"backup";
GRANT EXECUTE ON FUNCTION platform.let_backup_read_large_objects() TO :"backup";

\ir privileges.sql
COMMIT;
