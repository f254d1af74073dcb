"""pika against a broker on 127.0.0.1:PORT: what its users do every day. Prints `ok` at the end."""

import sys

import pika
from pika.exceptions import ChannelClosedByBroker, UnroutableError

connection = pika.BlockingConnection(
    pika.ConnectionParameters("127.0.0.1", int(sys.argv[1]), blocked_connection_timeout=10, socket_timeout=10)
)
channel = connection.channel()
name = channel.queue_declare("", exclusive=True).method.queue
channel.exchange_declare("news", "topic")
channel.queue_bind(name, "news", "#.sport")
channel.confirm_delivery()
properties = pika.BasicProperties(headers={"n": 1, "t": "x", "l": [1, "a"]}, delivery_mode=2, message_id="m")
for number in range(20):
    channel.basic_publish("news", "eu.sport", str(number), properties, mandatory=True)
try:
    channel.basic_publish("news", "eu.art", "lost", mandatory=True)
    raise SystemExit("an unroutable message was not returned")
except UnroutableError as error:
    assert error.messages[0].body == b"lost"

other = connection.channel()
method, got, body = other.basic_get(name)
assert (body, method.message_count, got.headers["l"]) == (b"0", 19, [1, "a"])
other.basic_nack(method.delivery_tag, requeue=True)
other.close()

seen = []
channel.basic_qos(prefetch_count=5)
for method, got, body in channel.consume(name, inactivity_timeout=10):
    assert method is not None, f"only {seen} came"
    assert method.redelivered == (body == b"0")
    assert got.message_id == "m"
    seen.append(int(body))
    channel.basic_ack(method.delivery_tag)
    if len(seen) == 20:
        break
assert seen == list(range(20)), seen
assert channel.cancel() == 0
assert channel.queue_declare(name, passive=True).method.message_count == 0

try:
    channel.queue_declare("missing", passive=True)
    raise SystemExit("a missing queue was found")
except ChannelClosedByBroker as error:
    assert error.reply_code == 404

transacted = connection.channel()
transacted.tx_select()
transacted.basic_publish("", name, "later")
assert connection.channel().queue_declare(name, passive=True).method.message_count == 0
transacted.tx_commit()
assert connection.channel().queue_declare(name, passive=True).method.message_count == 1
connection.close()
print("ok")
