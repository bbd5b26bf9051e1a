#!/bin/sh
# Makes the passwords and keys of compose.yaml in `secrets`, each for the one user that reads it in its
# container. As root; what is there already is not made again.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir secrets

# 32 random bytes, as text.
secret() {
    head -c 32 /dev/urandom | base64
}

# Seals the signing keys in Redis. Whoever has lost it has lost them: keep a copy apart from Redis.
secret > secrets/fleet-key

# Redis knows the hash alone.
secret > secrets/redis-password
hash=$(tr -d '\n' < secrets/redis-password | sha256sum | cut -d ' ' -f 1)
sed "s/HASH_OF_JETON/$hash/" ../redis/users.acl > secrets/users.acl

secret > secrets/postgres-password
cp secrets/postgres-password secrets/postgres-server-password

# Who reads them: the users of the images of jeton, Redis and PostgreSQL.
if [ "$(id -u)" = 0 ]; then
    chown 10001:10001 secrets/fleet-key secrets/redis-password secrets/postgres-password
    chown 999:999 secrets/users.acl secrets/postgres-server-password
else
    echo "not root: the containers cannot read these; remove the folder and run it with sudo" >&2
fi
