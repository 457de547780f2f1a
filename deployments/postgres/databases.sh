#!/bin/bash
# Runs once, when the volume of PostgreSQL is empty: the warehouse (dti) and Prefect's own state (prefect) are two databases
# with an owner each, so that neither program can read or harm what belongs to the other. The two roles of the warehouse are made
# here too, because its owner may not make roles; `dti warehouse upgrade` grants them their rights (docs/warehouse.md).
set -euo pipefail
for name in dti prefect; do
    export PASSWORD_FILE="${SECRETS:-/run/secrets}/${name}_password"
    [ -s "$PASSWORD_FILE" ] || { echo "$PASSWORD_FILE is missing or empty." >&2; exit 1; }
    psql --no-psqlrc --set ON_ERROR_STOP=1 --set name="$name" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE dti_loader NOLOGIN;
CREATE ROLE dti_reader NOLOGIN;
GRANT dti_loader, dti_reader TO dti WITH ADMIN OPTION;
SQL
# Runs work as dti_worker, who may do what a run does and owns nothing.
export PASSWORD_FILE="${SECRETS:-/run/secrets}/dti_worker_password"
[ -s "$PASSWORD_FILE" ] || { echo "$PASSWORD_FILE is missing or empty." >&2; exit 1; }
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
CREATE ROLE dti_worker LOGIN PASSWORD :'password' IN ROLE dti_loader;
SQL
