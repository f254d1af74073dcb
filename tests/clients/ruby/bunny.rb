# Bunny, with a consumer in its own thread.

require "bunny"
require "timeout"

URL = ENV.fetch("AMQP_URL")
PREFIX = "mqspec-clients-"

def step(name)
  puts "step #{name}"
  $stdout.flush
end

def without(name, reason)
  puts "without #{name}: #{reason}"
end

def check(found, wanted)
  raise "#{found.inspect} instead of #{wanted.inspect}" unless found == wanted
end

def refuses(error)
  yield
rescue error => caught
  caught
else
  raise "#{error} was not raised"
end

# From a URL alone Bunny would verify nobody.
def connect(url = URL, **options)
  Bunny.new(url, verify_peer: true, tls_silence_warnings: true, **options)
end

puts "version #{Bunny::VERSION}"
connection = connect.start
channel = connection.create_channel

queue = channel.queue("", exclusive: true)
raise "no name" if queue.name.empty?
step "server-named"

refuses(Bunny::AuthenticationFailureError) do
  connect(URL.sub(%r{//.*@}, "//guest:wrong@"), log_file: File::NULL).start
end
step "refused"

news = channel.topic("#{PREFIX}bunny", auto_delete: true)
queue.bind(news, routing_key: "*.sport.#")
channel.confirm_select
%w[eu.sport eu.sport.chess us.sport].each { |key| news.publish(key, routing_key: key) }
check(channel.wait_for_confirms, true)
check(queue.message_count, 3)
queue.purge
step "topic"

returned = Queue.new
news.on_return { |info, _, content| returned << [info.reply_code, info.routing_key, content] }
%w[sport eu.art].each { |key| news.publish("lost", routing_key: key, mandatory: true) }
check(channel.wait_for_confirms, true)
check([returned.pop, returned.pop], [[312, "sport", "lost"], [312, "eu.art", "lost"]])
step "returned"

100.times { |number| news.publish(number.to_s, routing_key: "eu.sport") }
check(channel.wait_for_confirms, true)
check(channel.unconfirmed_set.size, 0)
check(queue.message_count, 100)
step "confirms"

# A Ruby Queue joins the consumer's thread with this one.
arrived = Queue.new
consuming = connection.create_channel
consuming.prefetch(10)
consumer = consuming.queue(queue.name, passive: true).subscribe(manual_ack: true) { |*delivery| arrived << delivery }
100.times do |number|
  info, _, body = arrived.pop
  check([body, info.redelivered?], [number.to_s, false])
  check(queue.message_count, 90) if number.zero?
  consuming.ack(info.delivery_tag)
end
consumer.cancel
consuming.close
step "consume"

queue.publish("again")
info, = queue.pop(manual_ack: true)
check(info.redelivered?, false)
channel.nack(info.delivery_tag, false, true)
info, _, body = queue.pop(manual_ack: true)
check([info.redelivered?, body], [true, "again"])
channel.ack(info.delivery_tag)
step "requeue"

%w[a b].each { |body| queue.publish(body) }
channel.wait_for_confirms
check(queue.pop.last, "a")
check(queue.message_count, 1)
check(queue.pop.last, "b")
check(queue.pop, [nil, nil, nil])
step "get"

headers = {
  "int" => -5,
  "long" => 1 << 40,
  # What comes is octets, as long as nobody says otherwise.
  "text" => "wort – слово".b,
  "yes" => true,
  "none" => nil,
  "list" => [1, "a", { "deep" => [2] }],
  "table" => { "inner" => { "n" => 1 }, "empty" => {} }
}
sent = {
  content_type: "text/plain", content_encoding: "identity", headers: headers, delivery_mode: 1, priority: 3,
  correlation_id: "c", reply_to: "r", expiration: "60000", message_id: "m", timestamp: 1_700_000_000,
  type: "t", user_id: "guest", app_id: "a"
}
queue.publish("", sent.merge(persistent: false))
_, properties, body = queue.pop
check(properties.to_hash, sent.merge(timestamp: Time.at(1_700_000_000)))
check(body, "")
step "properties"

large = (0..255).to_a.pack("C*") * 800
queue.publish(large)
check(queue.pop.last, large)
step "large"

error = refuses(Bunny::NotFound) { connection.create_channel.queue("#{PREFIX}missing", passive: true) }
check(error.channel_close.reply_code, 404)
check(queue.message_count, 0)
step "exception"

transacted = connection.create_channel
transacted.tx_select
transacted.default_exchange.publish("dropped", routing_key: queue.name)
transacted.tx_rollback
transacted.default_exchange.publish("kept", routing_key: queue.name)
check(queue.pop, [nil, nil, nil])
transacted.tx_commit
check(queue.pop.last, "kept")
step "tx"

doomed = channel.queue("", exclusive: true)
cancelled = Queue.new
consumer = doomed.subscribe(on_cancellation: ->(cancel) { cancelled << cancel.consumer_tag }) { |*| }
doomed.delete
check(cancelled.pop, consumer.consumer_tag)
step "cancelled"

if ENV["ALARM_ON"] && ENV["ALARM_OFF"]
  told = Queue.new
  connection.on_blocked { told << :blocked }
  connection.on_unblocked { told << :unblocked }
  system(ENV["ALARM_ON"], out: File::NULL, exception: true)
  queue.publish("late")
  check(told.pop, :blocked)
  check(connection.blocked?, true)
  system(ENV["ALARM_OFF"], out: File::NULL, exception: true)
  check(told.pop, :unblocked)
  check(channel.wait_for_confirms, true)
  check(queue.pop.last, "late")
  step "blocked"
else
  without "blocked", "no command raises an alarm"
end

quiet = connect(heartbeat: 2).start
sleep 6
quiet.create_channel.queue("", exclusive: true)
quiet.close
step "heartbeat"

connection.close
check(connection.closed?, true)
step "close"
