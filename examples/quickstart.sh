#!/usr/bin/env bash
# A walk through jeton: log in, refresh, lose a token to a thief, change the password, log out.
#
# Needs bash, curl and jq. Starts a server of its own on a free port of this machine, with its data
# in a temporary folder, and leaves nothing behind. Uses the binary JETON_BIN, or else builds one.
# Every step is asserted; the first that does not hold ends the walk.
# shellcheck disable=SC2016 # What stands in single quotes with a dollar is for jq.
set -euo pipefail
if [[ -n ${JETON_BIN:-} ]]; then
  JETON_BIN=$(realpath "$JETON_BIN")
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly password="a walk in the park at noon"
readonly new_password="another walk in the park at night"
readonly grace=2

folder=$(mktemp -d)
readonly folder data="$folder/data" log="$folder/server.log"
server=""
steps=0

# ---- The walk's own tools -----------------------------------------------------------------------

# Ends our server and no other process; the exit code is the server's.
end_server() {
  local process=$server
  server=""
  kill -TERM "$process" 2>/dev/null || true
  for _ in {1..150}; do
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$process" 2>/dev/null || true
  wait "$process"
}

leave() {
  local code=$?
  if [[ -n $server ]]; then
    end_server 2>/dev/null || true
  fi
  if ((code != 0)) && [[ -s $log ]]; then
    printf '\nthe server said:\n' >&2
    tail -n 20 "$log" >&2
  fi
  rm -rf "$folder"
}
trap leave EXIT

passed() {
  steps=$((steps + 1))
  printf 'ok %2d  %s\n' "$steps" "$1"
}

failed() {
  printf 'FAILED after %d steps: %s\n' "$steps" "$1" >&2
  exit 1
}

# A port nobody listens on, below those the system hands out by itself.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%d' "$port"
      return
    fi
  done
  failed "no free port in 50 tries"
}

start_server() {
  "$jeton" serve --data "$data" --listen "127.0.0.1:$port" >>"$log" 2>&1 &
  server=$!
  for _ in {1..150}; do
    if curl --silent --fail --max-time 2 --output /dev/null "$url/health/ready"; then
      return
    fi
    kill -0 "$server" 2>/dev/null || failed "the server ended while starting"
    sleep 0.1
  done
  failed "the server is not ready after 15 seconds"
}

stop_server() {
  local code=0
  end_server || code=$?
  ((code == 0)) || failed "the server ended with exit code $code when told to stop"
}

# Sends a request: method, path, access token or "", JSON body or "". Fills $status and $answer.
# Tokens and passwords travel through pipes, never as arguments, which every process can see.
request() {
  local method=$1 path=$2 token=$3 body=$4
  local options=(--silent --show-error --max-time 30 --request "$method")
  if [[ -n $body ]]; then
    options+=(--header "Content-Type: application/json" --data-binary "@-")
  fi
  status=$(printf '%s' "$body" | curl "${options[@]}" \
    --header @<(if [[ -n $token ]]; then printf 'Authorization: Bearer %s\n' "$token"; fi) \
    --output "$folder/answer" --dump-header "$folder/headers" --write-out '%{http_code}' \
    "$url$path") || failed "$method $path: no answer"
  answer=$(<"$folder/answer")
}

# The last request went well, in the envelope that every success has.
expect_success() {
  local step=$1
  [[ $status == 200 ]] || failed "$step: status $status, expected 200: $answer"
  jq --exit-status '.success == true and has("data") and .msg == null' <<<"$answer" >/dev/null ||
    failed "$step: not the envelope of a success: $answer"
  passed "$step"
}

# The last request was refused with 401 and this code, in the envelope that every refusal has.
expect_refusal() {
  local code=$1 step=$2
  [[ $status == 401 ]] || failed "$step: status $status, expected 401: $answer"
  jq --exit-status '.success == false and .data == null and (.msg | type == "string")' \
    <<<"$answer" >/dev/null || failed "$step: not the envelope of a refusal: $answer"
  local found
  found=$(field .code)
  [[ $found == "$code" ]] || failed "$step: code $found, expected $code"
  grep --quiet --ignore-case '^www-authenticate:' "$folder/headers" ||
    failed "$step: a 401 without WWW-Authenticate"
  passed "$step ($code)"
}

# A member of the last answer, which must be there.
field() {
  jq --exit-status --raw-output "$1" <<<"$answer" || failed "no $1 in $answer"
}

json() {
  jq --null-input --compact-output "$@"
}

# Logs in from a device: password, kind and name of the device.
login() {
  request POST /v1/login "" "$(json --arg password "$1" --arg kind "$2" --arg name "$3" \
    '{account: "alice", password: $password, device: {kind: $kind, name: $name}}')"
}

refresh() {
  request POST /v1/refresh "" "$(json --arg token "$1" '{refresh_token: $token}')"
}

whoami() {
  request GET /v1/me "$1" ""
}

# ---- Before the walk ----------------------------------------------------------------------------

for tool in curl jq; do
  command -v "$tool" >/dev/null || failed "$tool is missing; \`apt-get install $tool\` brings it"
done
if [[ -z ${JETON_BIN:-} ]]; then
  cargo build --quiet --package jeton-server
  JETON_BIN=target/debug/jeton
fi
[[ -x $JETON_BIN ]] || failed "no program at $JETON_BIN"
readonly jeton=$JETON_BIN
unset JETON_BIN # the program takes JETON_… for settings and refuses those it does not know

port=$(free_port)
readonly port url="http://127.0.0.1:$port"
# A refresh token may be repeated for this long, in case the answer was lost on its way.
export JETON_SESSION__GRACE=$grace

# ---- One device ---------------------------------------------------------------------------------

printf '%s\n' "$password" | "$jeton" account add alice --data "$data" --password-stdin >>"$log" 2>&1 ||
  failed "cannot add the account alice"
passed "alice has an account"

start_server
passed "the server is ready on $url"

login "$password" phone "Alice's phone"
expect_success "alice logs in"
access=$(field .data.access_token)
first_refresh=$(field .data.refresh_token)
field .data.session >/dev/null
(($(field .data.expires_in) > 0)) || failed "the access token lives for no time"

whoami "$access"
expect_success "her access token is accepted"

whoami ""
expect_refusal token_missing "no token is no entry"

# ---- Refreshing, and a thief --------------------------------------------------------------------

refresh "$first_refresh"
expect_success "she trades her refresh token for a new pair"
access=$(field .data.access_token)
second_refresh=$(field .data.refresh_token)
[[ $second_refresh != "$first_refresh" ]] || failed "the refresh token did not change"

refresh "$first_refresh"
expect_success "she repeats the trade at once, as if the answer was lost"
[[ $(field .data.refresh_token) == "$second_refresh" ]] || failed "the repeat gave another token"
passed "and gets the same refresh token again"

whoami "$access"
expect_success "her access token is still accepted"

sleep $((grace + 1)) # The grace ends by the clock: there is no event to wait for.
refresh "$first_refresh"
expect_refusal replayed "a thief presents the spent refresh token later"

refresh "$second_refresh"
expect_refusal replayed "the session has ended for both: its refresh token is refused"

whoami "$access"
expect_refusal replayed "and so is its access token, long before it expires"

# ---- Two devices and a new password -------------------------------------------------------------

login "$password" phone "Alice's phone"
expect_success "alice logs in on her phone"
phone=$(field .data.access_token)
phone_refresh=$(field .data.refresh_token)

login "$password" laptop "Alice's laptop"
expect_success "alice logs in on her laptop"
laptop=$(field .data.access_token)
laptop_refresh=$(field .data.refresh_token)

whoami "$laptop"
expect_success "the laptop's access token is accepted"

request POST /v1/password "$phone" "$(json --arg current "$password" --arg new "$new_password" \
  '{current_password: $current, new_password: $new}')"
expect_success "she changes her password on the phone"

whoami "$laptop"
expect_refusal password_changed "the laptop's access token is refused at once"

whoami "$phone"
expect_success "the phone stays logged in"

# ---- A restart forgets nothing ------------------------------------------------------------------

stop_server
passed "the server stops when told to"
start_server
passed "the server is ready again"

whoami "$laptop"
expect_refusal password_changed "the laptop's access token is still refused"

refresh "$laptop_refresh"
expect_refusal password_changed "and so is its refresh token"

refresh "$phone_refresh"
expect_success "the phone's refresh token still works"
phone=$(field .data.access_token)

# ---- What nobody gets in with -------------------------------------------------------------------

login "not her password" phone "Alice's phone"
expect_refusal invalid_credentials "a wrong password"

login "$password" phone "Alice's phone"
expect_refusal invalid_credentials "the old password"

signature=${phone##*.}
if [[ $signature == A* ]]; then forged="B${signature:1}"; else forged="A${signature:1}"; fi
whoami "${phone%.*}.$forged"
expect_refusal signature_invalid "a token with a forged signature"

whoami "$phone"
expect_success "none of which disturbed the session"

request GET /.well-known/jwks.json "" ""
[[ $status == 200 ]] || failed "the JWK Set: status $status"
jq --exit-status '(.keys | length > 0) and all(.keys[];
  has("kty") and has("kid") and keys - ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] == keys)' \
  <<<"$answer" >/dev/null || failed "the JWK Set is empty or has a private member: $answer"
passed "the JWK Set publishes public keys only"

# ---- The end ------------------------------------------------------------------------------------

request POST /v1/logout "$phone" ""
expect_success "alice logs out"

whoami "$phone"
expect_refusal logged_out "her access token is refused from then on"

login "$new_password" phone "Alice's phone"
expect_success "she can log in again with her new password"

printf 'quickstart: all %d steps passed\n' "$steps"
