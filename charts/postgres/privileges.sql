-- What the role :"application" may do with what the role :"owner" has made and will make: rows, and nothing else. Run by whoever may
-- act as the owner; a second run changes nothing.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE ON SCHEMAS TO :"application";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"application";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO :"application";

-- The schema `public` belongs to whoever owns the database, by way of a role of Postgres' own.
SELECT format('REVOKE CREATE ON SCHEMA %1$I FROM PUBLIC, %2$I', nspname, :'application'),
  format('GRANT USAGE ON SCHEMA %1$I TO %2$I', nspname, :'application')
FROM pg_namespace
WHERE nspowner IN (quote_ident(:'owner')::regrole, 'pg_database_owner'::regrole)
  AND nspname !~ '^pg_' \gexec
SELECT format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON %1$s FROM %2$I', oid::regclass, :'application'),
  format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$s TO %2$I', oid::regclass, :'application')
FROM pg_class
WHERE relowner = quote_ident(:'owner')::regrole AND relkind IN ('r', 'p', 'v', 'm', 'f') \gexec
SELECT format('GRANT USAGE, SELECT, UPDATE ON SEQUENCE %s TO %I', oid::regclass, :'application')
FROM pg_class
WHERE relowner = quote_ident(:'owner')::regrole AND relkind = 'S' \gexec
SELECT format('ALTER LARGE OBJECT %s OWNER TO %I', oid, :'application')
FROM pg_largeobject_metadata
WHERE lomowner <> quote_ident(:'application')::regrole \gexec
