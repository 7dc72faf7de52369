#!/bin/bash
# Runs once, when the data folder is empty: creates the role of the application and the database that it owns.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
  --set database="$DATABASE_NAME" --set role="$DATABASE_USER" --set password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
