"""aio-pika, with its robust connection."""

import asyncio
import datetime
import logging

import aio_pika
from aio_pika.exceptions import ChannelNotFoundEntity, DeliveryError, ProbableAuthenticationError

from steps import HEADERS, LARGE, PREFIX, URL, alarm, can_alarm, step, version, with_heartbeat, with_wrong_password, without


async def waiting(channel, queue):
    """How many messages wait; a robust channel itself answers from what it remembers."""
    underlay = await channel.get_underlay_channel()
    return (await underlay.queue_declare(queue.name, passive=True)).message_count


async def main():
    version(aio_pika.__version__)
    connection = await aio_pika.connect_robust(URL)
    channel = await connection.channel(on_return_raises=True)

    queue = await channel.declare_queue(exclusive=True)
    assert queue.name
    step("server-named")

    try:
        await aio_pika.connect(with_wrong_password())
        raise SystemExit("a wrong password was good enough")
    except ProbableAuthenticationError:
        step("refused")

    news = await channel.declare_exchange(PREFIX + "aio-pika", aio_pika.ExchangeType.TOPIC, auto_delete=True)
    await queue.bind(news, "*.sport.#")
    for key in ["eu.sport", "eu.sport.chess", "us.sport"]:
        await news.publish(aio_pika.Message(key.encode()), key)
    assert (await queue.purge()).message_count == 3
    step("topic")

    for key in ["sport", "eu.art"]:
        try:
            await news.publish(aio_pika.Message(b"lost"), key)
            raise SystemExit(f"{key} was not returned")
        except DeliveryError as error:
            assert error.message.body == b"lost"
            assert (error.message.delivery.reply_code, error.message.delivery.routing_key) == (312, key)
    step("returned")

    # All at once, as confirmations are waited for in an asynchronous program.
    await asyncio.gather(*(news.publish(aio_pika.Message(str(number).encode()), "eu.sport") for number in range(100)))
    assert await waiting(channel, queue) == 100
    step("confirms")

    seen = []
    consuming = await connection.channel()
    await consuming.set_qos(prefetch_count=10)
    async with (await consuming.get_queue(queue.name)).iterator() as messages:
        async for message in messages:
            if not seen:
                assert await waiting(channel, queue) == 90
            async with message.process():
                assert not message.redelivered
                seen.append(int(message.body))
            if len(seen) == 100:
                break
    assert seen == list(range(100)), seen
    await consuming.close()
    step("consume")

    default = channel.default_exchange
    await default.publish(aio_pika.Message(b"again"), queue.name)
    message = await queue.get()
    assert not message.redelivered
    await message.nack(requeue=True)
    message = await queue.get()
    assert (message.redelivered, message.body) == (True, b"again")
    await message.ack()
    step("requeue")

    for body in [b"a", b"b"]:
        await default.publish(aio_pika.Message(body), queue.name)
    message = await queue.get(no_ack=True)
    assert (message.body, message.message_count) == (b"a", 1)
    assert (await queue.get(no_ack=True)).body == b"b"
    assert await queue.get(fail=False) is None
    step("get")

    sent = aio_pika.Message(
        b"",
        content_type="text/plain",
        content_encoding="identity",
        headers=HEADERS,
        delivery_mode=aio_pika.DeliveryMode.NOT_PERSISTENT,
        priority=3,
        correlation_id="c",
        reply_to="r",
        expiration=60,
        message_id="m",
        timestamp=datetime.datetime.fromtimestamp(1_700_000_000, datetime.timezone.utc),
        type="t",
        user_id="guest",
        app_id="a",
    )
    await default.publish(sent, queue.name)
    message = await queue.get(no_ack=True)
    assert (message.properties, message.body) == (sent.properties, b""), message.properties
    step("properties")

    await default.publish(aio_pika.Message(LARGE), queue.name)
    assert (await queue.get(no_ack=True)).body == LARGE
    step("large")

    doubtful = await connection.channel()
    try:
        await doubtful.declare_queue(PREFIX + "missing", passive=True)
        raise SystemExit("a missing queue was found")
    except ChannelNotFoundEntity:
        pass
    assert await waiting(channel, queue) == 0
    step("exception")

    transacted = await connection.channel(publisher_confirms=False)
    try:
        async with transacted.transaction():
            await transacted.default_exchange.publish(aio_pika.Message(b"dropped"), queue.name)
            raise KeyError
    except KeyError:
        pass
    async with transacted.transaction():
        await transacted.default_exchange.publish(aio_pika.Message(b"kept"), queue.name)
        assert await queue.get(fail=False) is None
    assert (await queue.get(no_ack=True)).body == b"kept"
    step("tx")

    doomed = await channel.declare_queue(exclusive=True)
    cancelled = asyncio.get_running_loop().create_future()
    underlay = await channel.get_underlay_channel()
    underlay.on_consumer_cancel_callbacks.add(lambda frame: cancelled.set_result(frame.consumer_tag))
    tag = await doomed.consume(lambda message: None)
    await doomed.delete(if_unused=False)
    assert await cancelled == tag
    step("cancelled")

    if can_alarm():
        # aio-pika tells its log of it, and nobody else.
        told = []

        class Listener(logging.Handler):
            def emit(self, record):
                told.append("unblocked" if "unblocked" in record.getMessage() else "blocked")
                if told == ["blocked"]:
                    alarm(False)

        logging.getLogger("aiormq.connection").addHandler(Listener())
        alarm(True)
        await default.publish(aio_pika.Message(b"late"), queue.name)
        # A second one is surely read after the alarm has ended.
        await default.publish(aio_pika.Message(b"later"), queue.name)
        assert told == ["blocked", "unblocked"], told
        step("blocked")
    else:
        without("blocked", "no command raises an alarm")

    quiet = await aio_pika.connect(with_heartbeat(2))
    await asyncio.sleep(6)
    assert (await (await quiet.channel()).declare_queue(exclusive=True)).name
    await quiet.close()
    step("heartbeat")

    await connection.close()
    assert connection.is_closed
    step("close")


asyncio.run(main())
