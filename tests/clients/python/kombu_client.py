"""kombu over py-amqp: entities, producers and consumers, serialised and compressed bodies, a simple queue."""

import socket
import time

import kombu
from amqp.exceptions import AccessRefused, NotFound

from steps import HEADERS, LARGE, PREFIX, URL, alarm, can_alarm, step, version, with_wrong_password, without

version(kombu.__version__)
told = []
connection = kombu.Connection(
    URL,
    transport_options={
        "confirm_publish": True,
        "on_blocked": lambda reason: (told.append("blocked"), alarm(False)),
        "on_unblocked": lambda: told.append("unblocked"),
    },
)
connection.ensure_connection(max_retries=1)
channel = connection.channel()

news = kombu.Exchange(PREFIX + "kombu", "topic", durable=False, auto_delete=True)
own = kombu.Queue("", exclusive=True, channel=channel)
own.declare()
assert own.name
step("server-named")

# Whatever else happens, it is gone a minute after the program.
queue = kombu.Queue(PREFIX + "kombu", news, "*.sport.#", expires=60, channel=channel)
queue.declare()
try:
    kombu.Connection(with_wrong_password()).ensure_connection(max_retries=1)
    raise SystemExit("a wrong password was good enough")
except AccessRefused:
    step("refused")

producer = connection.Producer(channel, news)
for key in ["eu.sport", "eu.sport.chess", "us.sport"]:
    producer.publish({"key": key}, routing_key=key)
assert queue.purge() == 3
step("topic")

returned = []
strict = kombu.Producer(channel, news, on_return=lambda error, _, key, message: returned.append((error.reply_code, key)))
for key in ["sport", "eu.art"]:
    strict.publish("lost", routing_key=key, mandatory=True)
assert returned == [(312, "sport"), (312, "eu.art")], returned
step("returned")

for number in range(100):
    producer.publish({"number": number}, routing_key="eu.sport", retry=True, compression="zlib")
assert queue.queue_declare(passive=True).message_count == 100
step("confirms")

arrived = []
with kombu.Consumer(channel, [queue], on_message=arrived.append, prefetch_count=10, accept=["json"]):
    for number in range(100):
        while not arrived:
            connection.drain_events(timeout=10)
        if number == 0:
            assert queue.queue_declare(passive=True).message_count == 90
        message = arrived.pop(0)
        assert (message.decode(), message.delivery_info["redelivered"]) == ({"number": number}, False)
        message.ack()
step("consume")

producer.publish("again", routing_key="eu.sport")
message = queue.get()
assert not message.delivery_info["redelivered"]
message.requeue()
message = queue.get()
assert (message.delivery_info["redelivered"], message.payload) == (True, "again")
message.ack()
step("requeue")

with connection.SimpleBuffer(PREFIX + "kombu-simple") as simple:
    simple.put([1, 2])
    simple.put(None)
    assert simple.qsize() == 2
    assert simple.get(timeout=10).payload == [1, 2]
    assert simple.get(timeout=10).payload is None
assert queue.get() is None
step("get")

producer.publish(
    {"a": [1, None]}, "eu.sport", headers=HEADERS, priority=3, correlation_id="c", reply_to="r", expiration=60, message_id="m"
)
message = queue.get(no_ack=True)
assert (message.headers, message.payload) == (HEADERS, {"a": [1, None]}), message.headers
got = [message.properties[name] for name in ["priority", "correlation_id", "reply_to", "expiration", "message_id"]]
assert got == [3, "c", "r", "60000", "m"], got
step("properties")

producer.publish(LARGE, "eu.sport", content_type="application/octet-stream", content_encoding="binary")
assert queue.get(no_ack=True).body == LARGE
step("large")

try:
    kombu.Queue(PREFIX + "missing", channel=connection.channel()).queue_declare(passive=True)
    raise SystemExit("a missing queue was found")
except NotFound:
    pass
assert queue.queue_declare(passive=True).message_count == 0
step("exception")

without("tx", "kombu has no transactions of its own")

cancelled = []
own.consume("mine", callback=arrived.append, on_cancel=cancelled.append)
own.delete()
while not cancelled:
    connection.drain_events(timeout=10)
assert cancelled == ["mine"]
step("cancelled")

if can_alarm():
    alarm(True)
    producer.publish("late", routing_key="eu.sport")
    while "unblocked" not in told:
        connection.drain_events(timeout=10)
    assert told == ["blocked", "unblocked"], told
    step("blocked")
else:
    without("blocked", "no command raises an alarm")

with kombu.Connection(URL, heartbeat=2) as quiet:
    quiet.connect()
    end = time.monotonic() + 6
    while time.monotonic() < end:
        quiet.heartbeat_check()
        try:
            quiet.drain_events(timeout=0.4)
        except socket.timeout:
            pass
    kombu.Queue("", exclusive=True, channel=quiet.default_channel).declare()
step("heartbeat")

queue.delete()
connection.release()
assert not connection.connected
step("close")
