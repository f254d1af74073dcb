#!/bin/sh
# amqp-tools: the programs that come with rabbitmq-c.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
queue=mqspec-clients-tools
# With amqps they have to be told whom to trust.
case $AMQP_URL in
    amqps:*) set -- "--cacert=$SSL_CERT_FILE" ;;
    *) set -- ;;
esac

step() { echo "step $1"; }
check() { [ "$1" = "$2" ] || { echo "'$1' instead of '$2'"; exit 1; }; }

version=$(dpkg-query --show --showformat '${Version}' amqp-tools 2>/dev/null || amqp-publish --version)
echo "version $version"

check "$(amqp-declare-queue --url="$AMQP_URL" "$@" --queue="$queue")" "$queue"
step declare

for body in one two three; do
    amqp-publish --url="$AMQP_URL" "$@" --routing-key="$queue" --body="$body" --persistent --content-type=text/plain
done
step publish

check "$(amqp-get --url="$AMQP_URL" "$@" --queue="$queue")" one
step get

# A command per message, whose status says whether it is acknowledged; the count ends the consumer.
check "$(amqp-consume --url="$AMQP_URL" "$@" --queue="$queue" --prefetch-count=1 --count=2 -- sh -c 'cat; echo')" "two
three"
status=0
amqp-get --url="$AMQP_URL" "$@" --queue="$queue" || status=$?
check "$status" 2
step consume

head -c 204800 /dev/urandom >"$folder/sent"
amqp-publish --url="$AMQP_URL" "$@" --routing-key="$queue" <"$folder/sent"
amqp-get --url="$AMQP_URL" "$@" --queue="$queue" >"$folder/got"
cmp "$folder/sent" "$folder/got"
step large

# Nobody tells when the consumer's binding stands: what was published before is not there yet.
amqp-consume --url="$AMQP_URL" "$@" --exchange=amq.topic --routing-key='mqspec.*.sport' --exclusive --count=1 -- cat >"$folder/news" &
consumer=$!
while kill -0 "$consumer" 2>/dev/null; do
    amqp-publish --url="$AMQP_URL" "$@" --exchange=amq.topic --routing-key=mqspec.eu.sport --body=news
done
wait "$consumer"
check "$(cat "$folder/news")" news
step topic

if said=$(amqp-get --url="$AMQP_URL" "$@" --queue=mqspec-clients-missing 2>&1); then
    echo "a missing queue was found"
    exit 1
fi
case $said in *404*) ;; *) echo "$said"; exit 1 ;; esac
step exception

if said=$(amqp-get --url="$(echo "$AMQP_URL" | sed 's,//.*@,//guest:wrong@,')" "$@" --queue="$queue" 2>&1); then
    echo "a wrong password was good enough"
    exit 1
fi
case $said in *403*) ;; *) echo "$said"; exit 1 ;; esac
step refused

check "$(amqp-delete-queue --url="$AMQP_URL" "$@" --queue="$queue")" 0
step delete
