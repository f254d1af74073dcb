import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.AMQP;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Four producers and four consumers, ten thousand messages, none lost, doubled or overtaken. */
public final class Load {
    private static final int PRODUCERS = 4;
    private static final int CONSUMERS = 4;
    private static final int EACH = 2500;
    private static final String QUEUE = Steps.PREFIX + "java-load";
    private static final AMQP.BasicProperties PERSISTENT = new AMQP.BasicProperties.Builder().deliveryMode(2).build();

    private Load() {}

    /** Keeps what it is given, and acknowledges each message on its own. */
    private static final class Taker extends DefaultConsumer {
        final List<long[]> seen = new ArrayList<>();
        private final CountDownLatch missing;
        private volatile boolean redelivered;

        Taker(Channel channel, CountDownLatch missing) {
            super(channel);
            this.missing = missing;
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                throws IOException {
            redelivered |= envelope.isRedeliver();
            ByteBuffer numbers = ByteBuffer.wrap(body);
            seen.add(new long[] {numbers.getInt(), numbers.getInt()});
            getChannel().basicAck(envelope.getDeliveryTag(), false);
            missing.countDown();
        }
    }

    private static Callable<Void> producer(Connection connection, int producer) {
        return () -> {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            for (int number = 0; number < EACH; number++) {
                byte[] body = ByteBuffer.allocate(1024).putInt(producer).putInt(number).array();
                channel.basicPublish("", QUEUE, true, PERSISTENT, body);
                if (number % 100 == 99) {
                    channel.waitForConfirmsOrDie(30_000);
                }
            }
            channel.close();
            return null;
        };
    }

    private static void run() throws Exception {
        ConnectionFactory factory = Steps.factory();
        Connection publishing = factory.newConnection();
        Connection consuming = factory.newConnection();
        Steps.version(publishing.getClientProperties().get("version"));
        Channel control = publishing.createChannel();
        control.queueDeclare(QUEUE, true, false, false, null);
        // A run that was broken off may have left something.
        control.queuePurge(QUEUE);

        CountDownLatch missing = new CountDownLatch(PRODUCERS * EACH);
        List<Taker> takers = new ArrayList<>();
        for (int consumer = 0; consumer < CONSUMERS; consumer++) {
            Channel channel = consuming.createChannel();
            channel.basicQos(50);
            Taker taker = new Taker(channel, missing);
            channel.basicConsume(QUEUE, false, taker);
            takers.add(taker);
        }
        ExecutorService producers = Executors.newFixedThreadPool(PRODUCERS);
        List<Callable<Void>> work = new ArrayList<>();
        for (int producer = 0; producer < PRODUCERS; producer++) {
            work.add(producer(publishing, producer));
        }
        for (Future<Void> done : producers.invokeAll(work)) {
            done.get();
        }
        producers.shutdown();
        Steps.step("published");

        missing.await();
        // Closing waits for what is on its way: whatever came twice is seen after it.
        consuming.close();
        Steps.check(control.messageCount(QUEUE), 0L);
        Steps.check(control.consumerCount(QUEUE), 0L);
        Set<List<Long>> different = new HashSet<>();
        int all = 0;
        for (Taker taker : takers) {
            all += taker.seen.size();
            taker.seen.forEach(numbers -> different.add(List.of(numbers[0], numbers[1])));
            Steps.check(taker.redelivered, false);
        }
        Steps.check(all, PRODUCERS * EACH);
        Steps.check(different.size(), PRODUCERS * EACH);
        Steps.step("consumed");

        for (Taker taker : takers) {
            Steps.check(taker.seen.isEmpty(), false);
            long[] last = {-1, -1, -1, -1};
            for (long[] numbers : taker.seen) {
                int producer = (int) numbers[0];
                Steps.check(last[producer] < numbers[1], true);
                last[producer] = numbers[1];
            }
        }
        Steps.step("in-order");

        control.queueDelete(QUEUE);
        publishing.close();
        Steps.step("close");
    }

    public static void main(String[] arguments) {
        try {
            run();
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
    }
}
