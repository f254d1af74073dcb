// amqplib's codec as a decoder: npm install amqplib; mqspec decoder -- node amqplib_decoder.js
const path = require('path');
// The package does not export its codec: it is required by its place.
const amqplib = (file) => require(path.join(path.dirname(require.resolve('amqplib', { paths: [process.cwd()] })), 'lib', file));
const { parseFrame, decodeFrame } = amqplib('frame');
const defs = amqplib('defs');

const plain = (_, value) => {
  if (value?.type === 'Buffer') return { hex: Buffer.from(value.data).toString('hex') };
  if (value?.['!']) return value.value; // timestamps, decimals and the like
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

const answer = (octets) => {
  if (octets.toString('latin1', 0, 4) === 'AMQP') return { skip: 'amqplib reads no protocol headers' };
  const raw = parseFrame(octets, 0);
  if (!raw) return { error: 'incomplete' };
  const { id, channel, size, fields, content } = decodeFrame(raw);
  const ok = { type: raw.type, channel, fields, body: content?.toString('hex') };
  return { ok: raw.type === 2 ? { ...ok, 'class-id': id, 'body-size': size } : { ...ok, method: id && defs.info(id).name } };
};

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let said;
  try { said = answer(Buffer.from(line, 'hex')); } catch (error) { said = { error: String(error) }; }
  console.log(JSON.stringify(said, plain));
});
