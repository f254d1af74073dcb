"""py-amqp, the client below kombu and Celery."""

import socket
import time
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import AccessRefused, NotFound

from steps import HEADERS, LARGE, PREFIX, URL, alarm, can_alarm, step, version, without

place = urlsplit(URL)


def connect(password=place.password, **options):
    made = amqp.Connection(
        place.netloc.rpartition("@")[2],
        userid=place.username,
        password=password,
        ssl=place.scheme == "amqps",
        virtual_host=unquote(place.path[1:]) or "/",
        **options,
    )
    made.connect()
    return made


version(amqp.__version__)
told = []
connection = connect(
    confirm_publish=True,
    on_blocked=lambda reason: (told.append("blocked"), alarm(False)),
    on_unblocked=lambda: told.append("unblocked"),
)
channel = connection.channel()

name = channel.queue_declare(exclusive=True, auto_delete=False).queue
assert name
step("server-named")

try:
    connect(password="wrong")
    raise SystemExit("a wrong password was good enough")
except AccessRefused:
    step("refused")

exchange = PREFIX + "py-amqp"
channel.exchange_declare(exchange, "topic", auto_delete=True)
channel.queue_bind(name, exchange, "*.sport.#")
for key in ["eu.sport", "eu.sport.chess", "us.sport"]:
    channel.basic_publish(amqp.Message(key), exchange, key)
assert channel.queue_purge(name) == 3
step("topic")

returned = []
channel.events["basic_return"].add(lambda error, _, key, message: returned.append((error.reply_code, key, message.body)))
for key in ["sport", "eu.art"]:
    channel.basic_publish(amqp.Message("lost"), exchange, key, mandatory=True)
assert returned == [(312, "sport", "lost"), (312, "eu.art", "lost")], returned
step("returned")

for number in range(100):
    channel.basic_publish(amqp.Message(str(number)), exchange, "eu.sport")
assert channel.queue_declare(name, passive=True).message_count == 100
step("confirms")

arrived = []
channel.basic_qos(0, 10, False)
tag = channel.basic_consume(name, callback=arrived.append)
for number in range(100):
    while not arrived:
        connection.drain_events(timeout=10)
    if number == 0:
        assert channel.queue_declare(name, passive=True).message_count == 90
    message = arrived.pop(0)
    assert (message.body, message.delivery_info["redelivered"]) == (str(number), False)
    channel.basic_ack(message.delivery_tag)
channel.basic_cancel(tag)
assert not arrived
step("consume")

channel.basic_publish(amqp.Message("again"), "", name)
message = channel.basic_get(name)
assert not message.delivery_info["redelivered"]
channel.basic_reject(message.delivery_tag, requeue=True)
message = channel.basic_get(name)
assert (message.delivery_info["redelivered"], message.body) == (True, "again")
channel.basic_ack(message.delivery_tag)
step("requeue")

for body in "ab":
    channel.basic_publish(amqp.Message(body), "", name)
message = channel.basic_get(name, no_ack=True)
assert (message.body, message.delivery_info["message_count"]) == ("a", 1)
assert channel.basic_get(name, no_ack=True).body == "b"
assert channel.basic_get(name) is None
step("get")

properties = {
    "content_type": "text/plain",
    "content_encoding": "utf-8",
    "application_headers": HEADERS,
    "delivery_mode": 1,
    "priority": 3,
    "correlation_id": "c",
    "reply_to": "r",
    "expiration": "60000",
    "message_id": "m",
    "timestamp": 1_700_000_000,
    "type": "t",
    "user_id": "guest",
    "app_id": "a",
}
channel.basic_publish(amqp.Message("", **properties), "", name)
message = channel.basic_get(name, no_ack=True)
assert (message.properties, message.body) == (properties, ""), message.properties
step("properties")

channel.basic_publish(amqp.Message(LARGE), "", name)
assert channel.basic_get(name, no_ack=True).body == LARGE
step("large")

try:
    connection.channel().queue_declare(PREFIX + "missing", passive=True)
    raise SystemExit("a missing queue was found")
except NotFound as error:
    assert error.reply_code == 404
channel.queue_declare(name, passive=True)
step("exception")

# Its confirmations are a matter of the whole connection, and exclude transactions.
other = connect()
transacted = other.channel()
transacted.tx_select()
transacted.basic_publish(amqp.Message("dropped"), exchange, "eu.sport")
transacted.tx_rollback()
transacted.basic_publish(amqp.Message("kept"), exchange, "eu.sport")
assert channel.basic_get(name) is None
transacted.tx_commit()
assert channel.basic_get(name, no_ack=True).body == "kept"
other.close()
step("tx")

doomed = channel.queue_declare(exclusive=True, auto_delete=False).queue
cancelled = []
tag = channel.basic_consume(doomed, callback=arrived.append, on_cancel=cancelled.append)
channel.queue_delete(doomed)
while not cancelled:
    connection.drain_events(timeout=10)
assert cancelled == [tag]
step("cancelled")

if can_alarm():
    alarm(True)
    channel.basic_publish(amqp.Message("late"), "", name)
    while "unblocked" not in told:
        connection.drain_events(timeout=10)
    assert told == ["blocked", "unblocked"], told
    step("blocked")
else:
    without("blocked", "no command raises an alarm")

quiet = connect(heartbeat=2)
end = time.monotonic() + 6
while time.monotonic() < end:
    # It is the program that has to see to heartbeats.
    quiet.heartbeat_tick()
    try:
        quiet.drain_events(timeout=0.4)
    except socket.timeout:
        pass
assert quiet.channel().queue_declare(exclusive=True, auto_delete=False).queue
quiet.close()
step("heartbeat")

connection.close()
assert not connection.connected
step("close")
