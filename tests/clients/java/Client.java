import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/** The Java client, as it comes: with automatic recovery. */
public final class Client {
    private static final AMQP.BasicProperties NONE = new AMQP.BasicProperties();

    private static String text(byte[] body) {
        return new String(body, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static byte[] octets(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) {
        try {
            run();
        } catch (Throwable error) {
            error.printStackTrace();
            // The threads of an open connection would keep the program going.
            System.exit(1);
        }
    }

    private static void run() throws Exception {
        Connection connection = Steps.factory().newConnection("mqspec");
        Steps.version(connection.getClientProperties().get("version"));
        Channel channel = connection.createChannel();

        String queue = channel.queueDeclare("", false, true, false, null).getQueue();
        Steps.check(queue.isEmpty(), false);
        Steps.step("server-named");

        ConnectionFactory wrong = Steps.factory();
        wrong.setPassword("wrong");
        try {
            wrong.newConnection();
            throw new AssertionError("a wrong password was good enough");
        } catch (AuthenticationFailureException refused) {
            Steps.step("refused");
        }

        String news = Steps.PREFIX + "java";
        channel.exchangeDeclare(news, "topic", false, true, null);
        channel.queueBind(queue, news, "*.sport.#");
        channel.confirmSelect();
        for (String key : List.of("eu.sport", "eu.sport.chess", "us.sport")) {
            channel.basicPublish(news, key, NONE, octets(key));
        }
        channel.waitForConfirmsOrDie(10_000);
        Steps.check(channel.queuePurge(queue).getMessageCount(), 3);
        Steps.step("topic");

        List<String> returned = Collections.synchronizedList(new ArrayList<>());
        channel.addReturnListener((code, why, exchange, key, properties, body) -> returned.add(code + key + text(body)));
        for (String key : List.of("sport", "eu.art")) {
            channel.basicPublish(news, key, true, NONE, octets("lost"));
        }
        channel.waitForConfirmsOrDie(10_000);
        Steps.check(returned, List.of("312sportlost", "312eu.artlost"));
        Steps.step("returned");

        for (int number = 0; number < 100; number++) {
            channel.basicPublish(news, "eu.sport", NONE, octets("" + number));
        }
        channel.waitForConfirmsOrDie(10_000);
        Steps.check(channel.messageCount(queue), 100L);
        Steps.step("confirms");

        consume(connection, channel, queue);
        Steps.step("consume");

        channel.basicPublish("", queue, NONE, octets("again"));
        GetResponse got = channel.basicGet(queue, false);
        Steps.check(got.getEnvelope().isRedeliver(), false);
        channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
        got = channel.basicGet(queue, false);
        Steps.check(got.getEnvelope().isRedeliver(), true);
        Steps.check(text(got.getBody()), "again");
        channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
        Steps.step("requeue");

        for (String body : List.of("a", "b")) {
            channel.basicPublish("", queue, NONE, octets(body));
        }
        got = channel.basicGet(queue, true);
        Steps.check(text(got.getBody()), "a");
        Steps.check(got.getMessageCount(), 1);
        Steps.check(text(channel.basicGet(queue, true).getBody()), "b");
        Steps.check(channel.basicGet(queue, true), null);
        Steps.step("get");

        properties(channel, queue);
        Steps.step("properties");

        byte[] large = new byte[200 * 1024];
        for (int place = 0; place < large.length; place++) {
            large[place] = (byte) place;
        }
        channel.basicPublish("", queue, NONE, large);
        Steps.check(channel.basicGet(queue, true).getBody(), large);
        Steps.step("large");

        try {
            connection.createChannel().queueDeclarePassive(Steps.PREFIX + "missing");
            throw new AssertionError("a missing queue was found");
        } catch (IOException error) {
            AMQP.Channel.Close close = (AMQP.Channel.Close) ((ShutdownSignalException) error.getCause()).getReason();
            Steps.check(close.getReplyCode(), 404);
        }
        Steps.check(channel.messageCount(queue), 0L);
        Steps.step("exception");

        Channel transacted = connection.createChannel();
        transacted.txSelect();
        transacted.basicPublish("", queue, NONE, octets("dropped"));
        transacted.txRollback();
        transacted.basicPublish("", queue, NONE, octets("kept"));
        Steps.check(channel.basicGet(queue, true), null);
        transacted.txCommit();
        Steps.check(text(channel.basicGet(queue, true).getBody()), "kept");
        Steps.step("tx");

        String doomed = channel.queueDeclare().getQueue();
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        String tag = channel.basicConsume(doomed, false, (consumer, delivery) -> {}, cancelled::complete);
        channel.queueDelete(doomed);
        Steps.check(cancelled.get(), tag);
        Steps.step("cancelled");

        if (Steps.canAlarm()) {
            blocked(connection, channel, queue);
            Steps.step("blocked");
        } else {
            Steps.without("blocked", "no command raises an alarm");
        }

        ConnectionFactory patient = Steps.factory();
        patient.setRequestedHeartbeat(2);
        try (Connection quiet = patient.newConnection()) {
            Thread.sleep(6_000);
            quiet.createChannel().queueDeclare();
        }
        Steps.step("heartbeat");

        connection.close();
        Steps.check(connection.isOpen(), false);
        Steps.step("close");
    }

    private static void consume(Connection connection, Channel channel, String queue) throws Exception {
        Channel consuming = connection.createChannel();
        consuming.basicQos(10);
        BlockingQueue<Delivery> arrived = new ArrayBlockingQueue<>(10);
        String tag = consuming.basicConsume(queue, false, new DefaultConsumer(consuming) {
            @Override
            public void handleDelivery(String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                // It holds as many as the window lets through: one more would be an error.
                arrived.add(new Delivery(envelope, properties, body));
            }
        });
        for (int number = 0; number < 100; number++) {
            Delivery delivery = arrived.take();
            Steps.check(text(delivery.getBody()), "" + number);
            Steps.check(delivery.getEnvelope().isRedeliver(), false);
            if (number == 0) {
                Steps.check(channel.messageCount(queue), 90L);
            }
            consuming.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        }
        consuming.basicCancel(tag);
        consuming.close();
    }

    private static void properties(Channel channel, String queue) throws Exception {
        Map<String, Object> headers = new HashMap<>();
        headers.put("int", -5);
        headers.put("long", 1L << 40);
        headers.put("double", 0.5);
        headers.put("decimal", new java.math.BigDecimal("12.34"));
        headers.put("text", LongStringHelper.asLongString("wort – слово"));
        headers.put("yes", true);
        headers.put("none", null);
        headers.put("octets", new byte[] {0, -1});
        headers.put("time", new Date(1_700_000_000_000L));
        headers.put("list", List.of(1, LongStringHelper.asLongString("a"), Map.of("deep", List.of(2))));
        headers.put("table", Map.of("inner", Map.of("n", (short) 1), "empty", Map.of()));
        AMQP.BasicProperties sent = new AMQP.BasicProperties.Builder()
            .contentType("text/plain").contentEncoding("identity").headers(headers).deliveryMode(1).priority(3)
            .correlationId("c").replyTo("r").expiration("60000").messageId("m").timestamp(new Date(1_700_000_000_000L))
            .type("t").userId("guest").appId("a").build();
        channel.basicPublish("", queue, sent, new byte[0]);
        GetResponse got = channel.basicGet(queue, true);
        Map<String, Object> came = new HashMap<>(got.getProps().getHeaders());
        Steps.check((byte[]) came.remove("octets"), (byte[]) headers.remove("octets"));
        Steps.check(came, headers);
        AMQP.BasicProperties bare = sent.builder().headers(null).build();
        Steps.check(got.getProps().builder().headers(null).build().toString(), bare.toString());
        Steps.check(got.getBody().length, 0);
    }

    private static void blocked(Connection connection, Channel channel, String queue) throws Exception {
        BlockingQueue<String> told = new ArrayBlockingQueue<>(2);
        connection.addBlockedListener(new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
                told.add("blocked");
            }

            @Override
            public void handleUnblocked() {
                told.add("unblocked");
            }
        });
        Steps.alarm(true);
        channel.basicPublish("", queue, NONE, octets("late"));
        Steps.check(told.take(), "blocked");
        Steps.alarm(false);
        Steps.check(told.take(), "unblocked");
        channel.waitForConfirmsOrDie(10_000);
        Steps.check(text(channel.basicGet(queue, true).getBody()), "late");
    }
}
