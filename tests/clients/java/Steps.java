import com.rabbitmq.client.ConnectionFactory;
import java.util.Arrays;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/** What a program tells the runner, and how it checks what it is told. */
final class Steps {
    static final String PREFIX = "mqspec-clients-";
    private static final String URL = System.getenv("AMQP_URL");

    private Steps() {}

    static ConnectionFactory factory() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(URL);
        if (factory.isSSL()) {
            // By itself the client would trust anybody.
            factory.useSslProtocol(SSLContext.getDefault());
        }
        return factory;
    }

    static void version(Object version) {
        System.out.println("version " + version);
    }

    static void step(String name) {
        System.out.println("step " + name);
    }

    static void without(String name, String reason) {
        System.out.println("without " + name + ": " + reason);
    }

    static void check(Object found, Object wanted) {
        boolean same = found instanceof byte[] octets && wanted instanceof byte[] others
            ? Arrays.equals(octets, others)
            : Objects.equals(found, wanted);
        if (!same) {
            throw new AssertionError(found + " instead of " + wanted);
        }
    }

    static boolean canAlarm() {
        return System.getenv("ALARM_ON") != null && System.getenv("ALARM_OFF") != null;
    }

    /** Makes the broker short of resources, or ends that. */
    static void alarm(boolean on) throws Exception {
        String command = System.getenv(on ? "ALARM_ON" : "ALARM_OFF");
        Process shell = new ProcessBuilder("sh", "-c", command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        check(shell.waitFor(), 0);
    }
}
