#!/bin/bash
# Runs once, when the data folder is empty.
exec /bin/bash /etc/postgresql-roles/roles.sh
