"""aio-pika, with its plain connection: one that connects again by itself would hide what went wrong."""

import asyncio

import aio_pika
from task import BODIES, COUNT, QUEUE, SECOND, URL, WORD, answer, received


async def publish(channel, bodies, queue=QUEUE):
    for body in bodies:
        await channel.default_exchange.publish(aio_pika.Message(body), queue, mandatory=False)


async def consume(channel, queue, count, into, each=None):
    queue = await channel.get_queue(queue)
    async with queue.iterator() as messages:
        async for message in messages:
            into.append(message.body)
            if each:
                await each(message)
            await message.ack()
            count -= 1
            if not count:
                return
    # An iterator that ends by itself tells nobody why.
    raise ConnectionError(f"{count} messages before the end the iterator was over")


async def topology(channel):
    one, other = [await channel.declare_exchange(name, "topic") for name in ("mqspec-x", "mqspec-y")]
    await other.bind(one, "#")
    queue = await channel.declare_queue(QUEUE)
    await queue.bind(other, "a.*")
    await queue.purge()
    await queue.unbind(other, "a.*")
    await other.unbind(one, "#")
    await queue.delete()
    for exchange in (one, other):
        await exchange.delete()


async def main():
    connection = await aio_pika.connect(URL)
    # Without confirms a publish ends when it is written.
    channel = await connection.channel(publisher_confirms=WORD == "confirm")
    if WORD in ("publish", "confirm", "transaction", "consume", "get", "reject", "echo"):
        queue = await channel.declare_queue(QUEUE)
    if WORD == "declare":
        received.append((await channel.declare_queue(exclusive=True)).name)
    elif WORD in ("publish", "confirm"):
        await publish(channel, BODIES)
    elif WORD == "consume":
        await consume(channel, QUEUE, COUNT, received)
    elif WORD == "echo":
        await consume(channel, QUEUE, COUNT, received, lambda message: channel.default_exchange.publish(message, SECOND, mandatory=False))
    elif WORD in ("get", "reject"):
        for _ in range(COUNT):
            if message := await queue.get(fail=False):
                received.append(message.body)
                await (message.ack() if WORD == "get" else message.nack(requeue=False))
    elif WORD == "two":
        second, got = await connection.channel(), ([], [])
        await asyncio.gather(consume(channel, QUEUE, COUNT, got[0]), consume(second, SECOND, COUNT, got[1]))
        received.extend(got[0] + got[1])
    elif WORD == "transaction":
        transaction = channel.transaction()
        await transaction.select()
        await publish(channel, BODIES)
        await transaction.commit()
        await publish(channel, BODIES[:1])
        await transaction.rollback()
    elif WORD == "channels":
        channels = [channel] + [await connection.channel(publisher_confirms=False) for _ in range(COUNT - 1)]
        for each in channels:
            await publish(each, BODIES[:1])
    elif WORD == "idle":
        closed = asyncio.ensure_future(connection.closed())
        done, _ = await asyncio.wait([closed], timeout=COUNT)
        if done:
            raise closed.exception() or ConnectionError(f"closed: {closed.result()}")
    elif WORD == "topology":
        await topology(channel)
    elif WORD != "connect":
        answer("without", aio_pika.__version__, f"no task {WORD}")
    await channel.close()
    await connection.close()


async def patiently():
    try:
        await main()
    except BaseException:
        # The client may be about to say its last word.
        await asyncio.sleep(0.5)
        raise


try:
    asyncio.run(patiently())
    answer("done", aio_pika.__version__)
except BaseException as error:
    answer("error", aio_pika.__version__, f"{type(error).__name__}: {error}")
