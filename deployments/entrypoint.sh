#!/bin/sh
# Passwords come as files, so that they stand neither in the image, nor in compose.yaml, nor in `docker inspect`:
# NAME_FILE names the file whose content the program finds as NAME.
set -eu
for name in PGPASSWORD PREFECT_SERVER_DATABASE_PASSWORD PREFECT_SERVER_API_AUTH_STRING PREFECT_API_AUTH_STRING; do
    eval "file=\${${name}_FILE:-}"
    if [ -n "$file" ]; then
        content=$(cat "$file")
        export "$name=$content"
        unset "${name}_FILE"
    fi
done
exec "$@"
