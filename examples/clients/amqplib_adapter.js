// amqplib, with its promises.

const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { readFileSync, writeSync } = require('node:fs');
const { dirname, join } = require('node:path');
const amqp = require('amqplib');

const { version } = JSON.parse(readFileSync(join(dirname(require.resolve('amqplib')), 'package.json')));

const [word, number, size] = process.env.MQSPEC_TASK.split(' ');
const count = Number(number ?? 1);
const [QUEUE, SECOND] = ['mqspec', 'mqspec-2'];
const bodies = Array.from({ length: count }, (_, place) => (size === undefined ? `m${place + 1}` : 'x'.repeat(Number(size))));
const received = [];

function answer(result, detail = '') {
  // Written at once, or the end of the program would cut it short.
  writeSync(1, `${JSON.stringify({ result, detail: `${detail}`, messages: received.map(String), version })}\n`);
  process.exit(0);
}

const publish = (channel, bodies, queue = QUEUE, properties = {}) => {
  for (const body of bodies) channel.publish('', queue, Buffer.from(body), properties);
};

/** Consumes so many messages, and acknowledges each. */
function consume(channel, queue, into, each = () => {}) {
  return new Promise((resolve, reject) => {
    let tag;
    channel.consume(queue, (message) => {
      if (message === null) return reject(new Error('the consumer was cancelled'));
      if (into.length === count) return undefined;
      into.push(message.content);
      each(message);
      channel.ack(message);
      if (into.length < count) return undefined;
      // The first message may come together with the tag.
      return sleep(0).then(() => tag).then(({ consumerTag }) => channel.cancel(consumerTag)).then(resolve, reject);
    }).then((ok) => { tag = ok; }, reject);
  });
}

async function topology(channel) {
  for (const exchange of ['mqspec-x', 'mqspec-y']) await channel.assertExchange(exchange, 'topic', { durable: false });
  await channel.bindExchange('mqspec-y', 'mqspec-x', '#');
  await channel.assertQueue(QUEUE, { durable: false });
  await channel.bindQueue(QUEUE, 'mqspec-y', 'a.*');
  await channel.purgeQueue(QUEUE);
  await channel.unbindQueue(QUEUE, 'mqspec-y', 'a.*');
  await channel.unbindExchange('mqspec-y', 'mqspec-x', '#');
  await channel.deleteQueue(QUEUE);
  for (const exchange of ['mqspec-x', 'mqspec-y']) await channel.deleteExchange(exchange);
}

const tasks = {
  connect: async () => {},
  declare: async (channel) => received.push((await channel.assertQueue('', { exclusive: true })).queue),
  publish: async (channel) => publish(channel, bodies),
  confirm: async (channel) => { publish(channel, bodies); await channel.waitForConfirms(); },
  consume: (channel) => consume(channel, QUEUE, received),
  echo: (channel) => consume(channel, QUEUE, received, ({ content, properties }) => publish(channel, [content], SECOND, properties)),
  get: async (channel) => {
    for (let turn = 0; turn < count; turn++) {
      const message = await channel.get(QUEUE);
      if (message) received.push(message.content);
      if (message) word === 'get' ? channel.ack(message) : channel.nack(message, false, false);
    }
  },
  two: async (channel, connection) => {
    const got = [[], []];
    const second = await connection.createChannel();
    await Promise.all([consume(channel, QUEUE, got[0]), consume(second, SECOND, got[1])]);
    received.push(...got[0], ...got[1]);
  },
  channels: async (channel, connection) => {
    const channels = [channel];
    while (channels.length < count) channels.push(await connection.createChannel());
    for (const each of channels) publish(each, bodies.slice(0, 1));
  },
  idle: () => sleep(count * 1000),
  topology,
};
tasks.reject = tasks.get;

async function main() {
  if (!(word in tasks)) answer('without', `no task ${word}`);
  const connection = await amqp.connect(process.env.MQSPEC_URL);
  const channel = word === 'confirm' ? await connection.createConfirmChannel() : await connection.createChannel();
  // What the broker ends is told by events, whatever is waited for.
  const failed = Promise.race([connection, channel].map((it) => once(it, 'error').then(([error]) => { throw error; }, (error) => { throw error; })));
  failed.catch(() => {});
  const work = async () => {
    if (['publish', 'confirm', 'consume', 'get', 'reject', 'echo'].includes(word)) await channel.assertQueue(QUEUE, { durable: false });
    await tasks[word](channel, connection);
    await channel.close();
    await connection.close();
  };
  await Promise.race([work(), failed]);
}

// The client may be about to say its last word when it fails.
main().then(() => answer('done'), (error) => setTimeout(() => answer('error', error), 500));
