"""pika: four producers and four consumers, ten thousand messages, none lost, doubled or overtaken."""

import threading

import pika

from steps import PREFIX, URL, step, version

PRODUCERS, CONSUMERS, EACH = 4, 4, 2500
QUEUE = PREFIX + "pika-load"


def connect():
    return pika.BlockingConnection(pika.URLParameters(URL))


def produce(producer):
    connection = connect()
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent, app_id=str(producer))
    for number in range(EACH):
        # It returns once the message is confirmed, and raises if it is not.
        channel.basic_publish("", QUEUE, str(number), properties, mandatory=True)
    connection.close()


class Consumer:
    """Takes messages until it is stopped, each acknowledged on its own."""

    def __init__(self):
        self.seen = []
        self.connection = connect()
        self.channel = self.connection.channel()
        self.channel.basic_qos(prefetch_count=50)
        self.channel.basic_consume(QUEUE, self.take)
        self.thread = threading.Thread(target=self.channel.start_consuming)

    def take(self, channel, method, properties, body):
        assert not method.redelivered
        self.seen.append((int(properties.app_id), int(body)))
        channel.basic_ack(method.delivery_tag)
        if next_count() == PRODUCERS * EACH:
            complete.set()

    def stop(self):
        self.connection.add_callback_threadsafe(self.channel.stop_consuming)
        self.thread.join()
        self.connection.close()


counter = 0
counting = threading.Lock()
complete = threading.Event()


def next_count():
    global counter
    with counting:
        counter += 1
        return counter


version(pika.__version__)
main = connect()
control = main.channel()
control.queue_declare(QUEUE, durable=True)
# A run that was broken off may have left something.
control.queue_purge(QUEUE)
consumers = [Consumer() for _ in range(CONSUMERS)]
producers = [threading.Thread(target=produce, args=(producer,)) for producer in range(PRODUCERS)]
for thread in producers + [consumer.thread for consumer in consumers]:
    thread.start()
for thread in producers:
    thread.join()
step("published")

complete.wait()
for consumer in consumers:
    consumer.stop()
# Whatever came twice has arrived by now: nothing waits, and nobody consumes any more.
left = control.queue_declare(QUEUE, passive=True).method
assert (left.message_count, left.consumer_count) == (0, 0)
everything = sorted(message for consumer in consumers for message in consumer.seen)
assert everything == [(producer, number) for producer in range(PRODUCERS) for number in range(EACH)]
step("consumed")

for consumer in consumers:
    assert consumer.seen
    for producer in range(PRODUCERS):
        numbers = [number for by, number in consumer.seen if by == producer]
        assert numbers == sorted(numbers)
step("in-order")

control.queue_delete(QUEUE)
main.close()
step("close")
