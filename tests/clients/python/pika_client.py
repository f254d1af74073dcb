"""pika, with its blocking connection."""

import pika
from pika.exceptions import ChannelClosedByBroker, ProbableAuthenticationError, UnroutableError

from steps import HEADERS, LARGE, PREFIX, URL, alarm, can_alarm, step, version, with_heartbeat, with_wrong_password, without

version(pika.__version__)
connection = pika.BlockingConnection(pika.URLParameters(URL))
channel = connection.channel()

name = channel.queue_declare("", exclusive=True).method.queue
assert name
step("server-named")

try:
    pika.BlockingConnection(pika.URLParameters(with_wrong_password()))
    raise SystemExit("a wrong password was good enough")
except ProbableAuthenticationError:
    step("refused")

exchange = PREFIX + "pika"
channel.exchange_declare(exchange, "topic", auto_delete=True)
channel.queue_bind(name, exchange, "*.sport.#")
channel.confirm_delivery()
for key in ["eu.sport", "eu.sport.chess", "us.sport"]:
    channel.basic_publish(exchange, key, key, mandatory=True)
assert channel.queue_purge(name).method.message_count == 3
step("topic")

for key in ["sport", "eu.art"]:
    try:
        channel.basic_publish(exchange, key, "lost", mandatory=True)
        raise SystemExit(f"{key} was not returned")
    except UnroutableError as error:
        [returned] = error.messages
        assert (returned.body, returned.method.reply_code, returned.method.routing_key) == (b"lost", 312, key)
step("returned")

for number in range(100):
    channel.basic_publish(exchange, "eu.sport", str(number), mandatory=True)
assert channel.queue_declare(name, passive=True).method.message_count == 100
step("confirms")

seen = []
channel.basic_qos(prefetch_count=10)
for method, _, body in channel.consume(name, inactivity_timeout=10):
    assert method, f"nothing came after {seen}"
    assert not method.redelivered
    if not seen:
        # What the channel holds unacknowledged is all that the window lets through.
        assert channel.queue_declare(name, passive=True).method.message_count == 90
    seen.append(int(body))
    channel.basic_ack(method.delivery_tag)
    if len(seen) == 100:
        break
assert seen == list(range(100)), seen
assert channel.cancel() == 0
step("consume")

channel.basic_publish("", name, "again")
method, _, body = channel.basic_get(name)
assert not method.redelivered
channel.basic_nack(method.delivery_tag, requeue=True)
method, _, body = channel.basic_get(name)
assert (method.redelivered, body) == (True, b"again")
channel.basic_ack(method.delivery_tag)
step("requeue")

for body in "ab":
    channel.basic_publish("", name, body)
method, _, body = channel.basic_get(name, auto_ack=True)
assert (body, method.message_count) == (b"a", 1)
assert channel.basic_get(name, auto_ack=True)[2] == b"b"
assert channel.basic_get(name) == (None, None, None)
step("get")

sent = pika.BasicProperties(
    content_type="text/plain",
    content_encoding="identity",
    headers=HEADERS,
    delivery_mode=1,
    priority=3,
    correlation_id="c",
    reply_to="r",
    expiration="60000",
    message_id="m",
    timestamp=1_700_000_000,
    type="t",
    user_id="guest",
    app_id="a",
)
channel.basic_publish("", name, "", sent)
method, got, body = channel.basic_get(name, auto_ack=True)
assert (got, body) == (sent, b""), got
step("properties")

channel.basic_publish("", name, LARGE)
assert channel.basic_get(name, auto_ack=True)[2] == LARGE
step("large")

try:
    connection.channel().queue_declare(PREFIX + "missing", passive=True)
    raise SystemExit("a missing queue was found")
except ChannelClosedByBroker as error:
    assert error.reply_code == 404
channel.queue_declare(name, passive=True)
step("exception")

transacted = connection.channel()
transacted.tx_select()
transacted.basic_publish("", name, "dropped")
transacted.tx_rollback()
transacted.basic_publish("", name, "kept")
assert channel.basic_get(name) == (None, None, None)
transacted.tx_commit()
assert channel.basic_get(name, auto_ack=True)[2] == b"kept"
step("tx")

doomed = channel.queue_declare("", exclusive=True).method.queue
cancelled = []
channel.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
tag = channel.basic_consume(doomed, lambda *_: None)
channel.queue_delete(doomed)
while not cancelled:
    connection.process_data_events(10)
assert cancelled == [tag]
step("cancelled")

if can_alarm():
    told = []

    def on_blocked(*_):
        told.append("blocked")
        alarm(False)

    connection.add_on_connection_blocked_callback(on_blocked)
    connection.add_on_connection_unblocked_callback(lambda *_: told.append("unblocked"))
    plain = connection.channel()
    alarm(True)
    plain.basic_publish("", name, "late")
    while "unblocked" not in told:
        connection.process_data_events(10)
    assert told == ["blocked", "unblocked"], told
    assert plain.basic_get(name, auto_ack=True)[2] == b"late"
    step("blocked")
else:
    without("blocked", "no command raises an alarm")

quiet = pika.BlockingConnection(pika.URLParameters(with_heartbeat(2)))
# Longer than the broker lets a silent client live.
quiet.sleep(6)
assert quiet.channel().queue_declare("", exclusive=True).method.queue
quiet.close()
step("heartbeat")

connection.close()
assert connection.is_closed
step("close")
