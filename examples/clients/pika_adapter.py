"""pika, with its blocking connection."""

import pika
from task import BODIES, COUNT, QUEUE, SECOND, URL, WORD, answer, received


def publish(channel, bodies, queue=QUEUE, properties=None):
    for body in bodies:
        channel.basic_publish("", queue, body, properties)


def consume(channel, queue, count, each=lambda properties, body: None):
    for method, properties, body in channel.consume(queue):
        received.append(body)
        each(properties, body)
        channel.basic_ack(method.delivery_tag)
        count -= 1
        if not count:
            break
    channel.cancel()


def two(connection, channel):
    """Consumes on two channels at once."""
    channels = {QUEUE: channel, SECOND: connection.channel()}
    got = {queue: [] for queue in channels}

    def on_message(queue):
        def take(channel, method, properties, body):
            got[queue].append(body)
            channel.basic_ack(method.delivery_tag)

        return take

    for queue, channel in channels.items():
        channel.basic_consume(queue, on_message(queue))
    while any(len(bodies) < COUNT for bodies in got.values()):
        connection.process_data_events(1)
    received.extend(got[QUEUE] + got[SECOND])


def topology(channel):
    for exchange in ("mqspec-x", "mqspec-y"):
        channel.exchange_declare(exchange, "topic")
    channel.exchange_bind("mqspec-y", "mqspec-x", "#")
    channel.queue_declare(QUEUE)
    channel.queue_bind(QUEUE, "mqspec-y", "a.*")
    channel.queue_purge(QUEUE)
    channel.queue_unbind(QUEUE, "mqspec-y", "a.*")
    channel.exchange_unbind("mqspec-y", "mqspec-x", "#")
    channel.queue_delete(QUEUE)
    for exchange in ("mqspec-x", "mqspec-y"):
        channel.exchange_delete(exchange)


def main():
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    channel = connection.channel()
    if WORD in ("publish", "confirm", "transaction", "consume", "get", "reject", "echo"):
        channel.queue_declare(QUEUE)
    if WORD == "declare":
        received.append(channel.queue_declare("", exclusive=True).method.queue)
    elif WORD == "publish":
        publish(channel, BODIES)
    elif WORD == "confirm":
        channel.confirm_delivery()
        publish(channel, BODIES)
    elif WORD == "consume":
        consume(channel, QUEUE, COUNT)
    elif WORD == "echo":
        consume(channel, QUEUE, COUNT, lambda properties, body: publish(channel, [body], SECOND, properties))
    elif WORD in ("get", "reject"):
        for _ in range(COUNT):
            method, _, body = channel.basic_get(QUEUE)
            if method:
                received.append(body)
                if WORD == "get":
                    channel.basic_ack(method.delivery_tag)
                else:
                    channel.basic_nack(method.delivery_tag, requeue=False)
    elif WORD == "two":
        two(connection, channel)
    elif WORD == "transaction":
        channel.tx_select()
        publish(channel, BODIES)
        channel.tx_commit()
        publish(channel, BODIES[:1])
        channel.tx_rollback()
    elif WORD == "channels":
        channels = [channel] + [connection.channel() for _ in range(COUNT - 1)]
        for each in channels:
            publish(each, BODIES[:1])
    elif WORD == "idle":
        connection.sleep(COUNT)
    elif WORD == "topology":
        topology(channel)
    elif WORD != "connect":
        answer("without", pika.__version__, f"no task {WORD}")
    channel.close()
    connection.close()


try:
    main()
    answer("done", pika.__version__)
except Exception as error:
    answer("error", pika.__version__, f"{type(error).__name__}: {error}")
