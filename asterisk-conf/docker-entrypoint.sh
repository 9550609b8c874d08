#!/bin/sh
# Fills in the {{NAME}} of the configuration from the environment, as scripts/stack/asterisk.ts does for `npm start`.
set -eu

# The folder's name holds the processor's.
MODULES=${MODULES:-$(echo /usr/lib/*-linux-gnu/asterisk/modules)}
export MODULES

umask 077 # passwords
for file in /usr/local/share/hotline/*.conf; do
  # Not by sed: a password may hold what sed takes for its own. `;` begins a comment in these files.
  LC_ALL=C awk -v name="${file##*/}" '
    function give_up(why) { print name " asks for " key ", which " why > "/dev/stderr"; exit 1 }
    {
      line = ""
      while (match($0, /[{][{][A-Z_]+[}][}]/)) {
        key = substr($0, RSTART + 2, RLENGTH - 4)
        if (ENVIRON[key] == "") give_up("is not set")
        if (ENVIRON[key] ~ /[;\n]/) give_up("must not hold a semicolon or a line break")
        line = line substr($0, 1, RSTART - 1) ENVIRON[key]
        $0 = substr($0, RSTART + RLENGTH)
      }
      print line $0
    }' "$file" > "$ETC/${file##*/}"
done
umask 007 # the service replaces and deletes recordings and records as another user of the same group, and nobody else reads them
# Not by the image: the volume may be older than it.
mkdir -p "$RECORDS" || echo "$RECORDS cannot be made: calls of Asterisk's own queue will have no records" >&2

exec asterisk -f -C "$ETC/asterisk.conf"
