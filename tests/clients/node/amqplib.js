// amqplib, with its promises.

const assert = require('node:assert/strict');
const { execSync } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const amqp = require('amqplib');

const { AMQP_URL, ALARM_ON, ALARM_OFF, BUILT } = process.env;
const PREFIX = 'mqspec-clients-';
const step = (name) => console.log(`step ${name}`);
const without = (name, reason) => console.log(`without ${name}: ${reason}`);
const text = (message) => message.content.toString();

async function main() {
  console.log('version', require(`${BUILT}/node_modules/amqplib/package.json`).version);
  const connection = await amqp.connect(AMQP_URL);
  const channel = await connection.createConfirmChannel();

  const { queue } = await channel.assertQueue('', { exclusive: true });
  assert.ok(queue);
  step('server-named');

  const wrong = new URL(AMQP_URL);
  wrong.password = 'wrong';
  await assert.rejects(amqp.connect(wrong.href), /ACCESS.REFUSED/);
  step('refused');

  const exchange = PREFIX + 'amqplib';
  await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: true });
  await channel.bindQueue(queue, exchange, '*.sport.#');
  for (const key of ['eu.sport', 'eu.sport.chess', 'us.sport']) channel.publish(exchange, key, Buffer.from(key));
  await channel.waitForConfirms();
  assert.equal((await channel.purgeQueue(queue)).messageCount, 3);
  step('topic');

  const returned = [];
  channel.on('return', (message) => returned.push([message.fields.replyCode, message.fields.routingKey, text(message)]));
  for (const key of ['sport', 'eu.art']) channel.publish(exchange, key, Buffer.from('lost'), { mandatory: true });
  await channel.waitForConfirms();
  // A message is returned before it is confirmed.
  assert.deepEqual(returned, [[312, 'sport', 'lost'], [312, 'eu.art', 'lost']]);
  step('returned');

  let confirmed = 0;
  for (let number = 0; number < 100; number++) {
    channel.publish(exchange, 'eu.sport', Buffer.from(`${number}`), {}, (error) => {
      assert.equal(error, null);
      confirmed++;
    });
  }
  await channel.waitForConfirms();
  assert.equal(confirmed, 100);
  assert.equal((await channel.checkQueue(queue)).messageCount, 100);
  step('confirms');

  const seen = [];
  const consuming = await connection.createChannel();
  await consuming.prefetch(10);
  const held = [];
  const full = deferred();
  const all = deferred();
  let holding = true;
  const { consumerTag } = await consuming.consume(queue, (message) => {
    assert.equal(message.fields.redelivered, false);
    seen.push(Number(text(message)));
    if (holding) {
      held.push(message);
      if (held.length === 10) full.resolve();
    } else {
      consuming.ack(message);
    }
    if (seen.length === 100) all.resolve();
  });
  await full.promise;
  assert.equal((await channel.checkQueue(queue)).messageCount, 90);
  assert.equal(held.length, 10);
  holding = false;
  consuming.ack(held[9], true);
  await all.promise;
  assert.deepEqual(seen, Array.from({ length: 100 }, (_, number) => number));
  await consuming.cancel(consumerTag);
  await consuming.close();
  step('consume');

  const send = async (content, options) => {
    channel.sendToQueue(queue, Buffer.from(content), options);
    await channel.waitForConfirms();
  };
  await send('again');
  const first = await channel.get(queue);
  assert.equal(first.fields.redelivered, false);
  channel.nack(first, false, true);
  const second = await channel.get(queue);
  assert.equal(second.fields.redelivered, true);
  assert.equal(text(second), 'again');
  channel.ack(second);
  step('requeue');

  await send('a');
  await send('b');
  const got = await channel.get(queue, { noAck: true });
  assert.deepEqual([text(got), got.fields.messageCount], ['a', 1]);
  assert.equal(text(await channel.get(queue, { noAck: true })), 'b');
  assert.equal(await channel.get(queue), false);
  step('get');

  const properties = {
    contentType: 'text/plain',
    contentEncoding: 'identity',
    headers: {
      int: -5,
      long: 2 ** 40,
      double: 0.5,
      text: 'wort – слово',
      yes: true,
      none: null,
      list: [1, 'a', { deep: [2] }],
      table: { inner: { n: 1 }, empty: {} },
      octets: Buffer.from([0, 255]),
    },
    deliveryMode: 1,
    priority: 3,
    correlationId: 'c',
    replyTo: 'r',
    expiration: '60000',
    messageId: 'm',
    timestamp: 1_700_000_000,
    type: 't',
    userId: 'guest',
    appId: 'a',
  };
  await send('', properties);
  const whole = await channel.get(queue, { noAck: true });
  for (const [name, value] of Object.entries(properties)) assert.deepEqual(whole.properties[name], value, name);
  assert.equal(whole.content.length, 0);
  step('properties');

  const large = Buffer.alloc(200 * 1024, Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)));
  await send(large);
  assert.ok(large.equals((await channel.get(queue, { noAck: true })).content));
  step('large');

  const doubtful = await connection.createChannel();
  const closed = once(doubtful, 'error');
  await assert.rejects(doubtful.checkQueue(PREFIX + 'missing'), { code: 404 });
  assert.equal((await closed)[0].code, 404);
  await channel.checkQueue(queue);
  step('exception');

  without('tx', 'amqplib has no transactions');

  const doomed = (await channel.assertQueue('', { exclusive: true })).queue;
  const cancelled = deferred();
  await channel.consume(doomed, (message) => cancelled.resolve(message));
  await channel.deleteQueue(doomed);
  // A null in place of a message is how amqplib tells of it.
  assert.equal(await cancelled.promise, null);
  step('cancelled');

  if (ALARM_ON && ALARM_OFF) {
    const blocked = once(connection, 'blocked');
    const unblocked = once(connection, 'unblocked');
    execSync(ALARM_ON);
    channel.sendToQueue(queue, Buffer.from('late'));
    await blocked;
    execSync(ALARM_OFF);
    await unblocked;
    await channel.waitForConfirms();
    assert.equal(text(await channel.get(queue, { noAck: true })), 'late');
    step('blocked');
  } else {
    without('blocked', 'no command raises an alarm');
  }

  const url = new URL(AMQP_URL);
  url.searchParams.set('heartbeat', '2');
  const quiet = await amqp.connect(url.href);
  await sleep(6000);
  await (await quiet.createChannel()).assertQueue('', { exclusive: true });
  await quiet.close();
  step('heartbeat');

  const end = once(connection, 'close');
  await connection.close();
  await end;
  step('close');
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
