/* rabbitmq-c: a program that reads what comes frame by frame, as its users do. */

#define _POSIX_C_SOURCE 200809L

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define LARGE (200 * 1024)
#define MAIN 1

static const char *NEWS = "mqspec-clients-rabbitmq-c";

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) fail("line %d: not so: %s", __LINE__, #condition);   \
    } while (0)

static void step(const char *name) {
    printf("step %s\n", name);
    fflush(stdout);
}

static bool same(amqp_bytes_t octets, const char *text) {
    return octets.len == strlen(text) && memcmp(octets.bytes, text, octets.len) == 0;
}

static amqp_bytes_t text(const char *text) { return amqp_cstring_bytes(text); }

/* The reply code of the exception that a command met with; 0 if it went well. */
static int exception(amqp_rpc_reply_t reply) {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return 0;
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) fail("%s", amqp_error_string2(reply.library_error));
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) return ((amqp_channel_close_t *)reply.reply.decoded)->reply_code;
    return ((amqp_connection_close_t *)reply.reply.decoded)->reply_code;
}

static void well(amqp_connection_state_t connection, const char *what) {
    int code = exception(amqp_get_rpc_reply(connection));
    if (code) fail("%s: %d", what, code);
}

/* Logs in, and gives the reply code of the refusal or 0. */
static int connect(const char *password, int heartbeat, amqp_connection_state_t *made) {
    char *url = strdup(getenv("AMQP_URL"));
    struct amqp_connection_info place;
    if (amqp_parse_url(url, &place) != AMQP_STATUS_OK) fail("%s is no URL of AMQP", getenv("AMQP_URL"));
    *made = amqp_new_connection();
    amqp_socket_t *socket = place.ssl ? amqp_ssl_socket_new(*made) : amqp_tcp_socket_new(*made);
    if (place.ssl) CHECK(amqp_ssl_socket_set_cacert(socket, getenv("SSL_CERT_FILE")) == AMQP_STATUS_OK);
    if (amqp_socket_open(socket, place.host, place.port) != AMQP_STATUS_OK) fail("nobody listens at %s", url);
    /* rabbitmq-c itself declares authentication_failure_close alone. */
    amqp_table_entry_t understood[] = {
        {text("consumer_cancel_notify"), {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}},
        {text("connection.blocked"), {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}},
    };
    amqp_table_entry_t capabilities = {
        text("capabilities"), {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {2, understood}}};
    amqp_table_t properties = {1, &capabilities};
    int code = exception(amqp_login_with_properties(
        *made, place.vhost, AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE, heartbeat, &properties,
        AMQP_SASL_METHOD_PLAIN, place.user, password ? password : place.password));
    free(url);
    return code;
}

static void open_channel(amqp_connection_state_t connection, amqp_channel_t channel) {
    amqp_channel_open(connection, channel);
    well(connection, "channel.open");
}

/* An exclusive queue that the broker names; the caller frees its name. */
static amqp_bytes_t own_queue(amqp_connection_state_t connection) {
    amqp_queue_declare_ok_t *queue =
        amqp_queue_declare(connection, MAIN, amqp_empty_bytes, 0, 0, 1, 0, amqp_empty_table);
    well(connection, "queue.declare");
    return amqp_bytes_malloc_dup(queue->queue);
}

static uint32_t waiting(amqp_connection_state_t connection, amqp_bytes_t queue) {
    amqp_queue_declare_ok_t *found = amqp_queue_declare(connection, MAIN, queue, 1, 0, 0, 0, amqp_empty_table);
    well(connection, "queue.declare");
    return found->message_count;
}

static void publish(amqp_connection_state_t connection, amqp_channel_t channel, const char *exchange,
                    amqp_bytes_t key, amqp_bytes_t body, const amqp_basic_properties_t *properties) {
    int status = amqp_basic_publish(connection, channel, text(exchange), key, 1, 0, properties, body);
    if (status != AMQP_STATUS_OK) fail("basic.publish: %s", amqp_error_string2(status));
}

/* The next method that the broker sends of its own accord. */
static amqp_method_t next(amqp_connection_state_t connection) {
    amqp_frame_t frame;
    amqp_maybe_release_buffers(connection);
    int status = amqp_simple_wait_frame(connection, &frame);
    if (status != AMQP_STATUS_OK) fail("waiting for a method: %s", amqp_error_string2(status));
    if (frame.frame_type != AMQP_FRAME_METHOD) fail("a frame of type %d, and no method", frame.frame_type);
    return frame.payload.method;
}

/* Waits until the publications up to this tag are confirmed, which may happen one by one or many at a time. */
static void confirmed(amqp_connection_state_t connection, uint64_t upto) {
    static uint64_t settled = 0;
    static bool single[1024];
    CHECK(upto < 1024);
    while (settled < upto) {
        amqp_method_t method = next(connection);
        if (method.id != AMQP_BASIC_ACK_METHOD) fail("%s instead of basic.ack", amqp_method_name(method.id));
        amqp_basic_ack_t *ack = method.decoded;
        CHECK(ack->delivery_tag <= upto);
        if (ack->multiple) settled = ack->delivery_tag;
        single[ack->delivery_tag] = true;
        while (settled < upto && single[settled + 1]) settled++;
    }
}

/* Fetches the next message of a queue; false if there is none. The caller acknowledges unless told otherwise. */
static bool get(amqp_connection_state_t connection, amqp_bytes_t queue, bool no_ack, amqp_message_t *message,
                amqp_basic_get_ok_t *method) {
    amqp_maybe_release_buffers(connection);
    amqp_rpc_reply_t reply = amqp_basic_get(connection, MAIN, queue, no_ack);
    CHECK(exception(reply) == 0);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return false;
    *method = *(amqp_basic_get_ok_t *)reply.reply.decoded;
    CHECK(exception(amqp_read_message(connection, MAIN, message, 0)) == 0);
    return true;
}

static void gives(amqp_connection_state_t connection, amqp_bytes_t queue, const char *body) {
    amqp_message_t message;
    amqp_basic_get_ok_t method;
    CHECK(get(connection, queue, true, &message, &method));
    CHECK(same(message.body, body));
    amqp_destroy_message(&message);
}

static bool empty(amqp_connection_state_t connection, amqp_bytes_t queue) {
    amqp_message_t message;
    amqp_basic_get_ok_t method;
    return !get(connection, queue, true, &message, &method);
}

/* Publishes by the topic exchange; gives how many messages were published and confirmed. */
static uint64_t route(amqp_connection_state_t connection, amqp_bytes_t queue) {
    uint64_t tag = 0;
    amqp_exchange_declare(connection, MAIN, text(NEWS), text("topic"), 0, 0, 1, 0, amqp_empty_table);
    well(connection, "exchange.declare");
    amqp_queue_bind(connection, MAIN, queue, text(NEWS), text("*.sport.#"), amqp_empty_table);
    well(connection, "queue.bind");
    amqp_confirm_select(connection, MAIN);
    well(connection, "confirm.select");
    const char *keys[] = {"eu.sport", "eu.sport.chess", "us.sport"};
    for (int i = 0; i < 3; i++, tag++) publish(connection, MAIN, NEWS, text(keys[i]), amqp_empty_bytes, NULL);
    confirmed(connection, tag);
    CHECK(amqp_queue_purge(connection, MAIN, queue)->message_count == 3);
    step("topic");

    const char *lost[] = {"sport", "eu.art"};
    for (int i = 0; i < 2; i++) {
        publish(connection, MAIN, NEWS, text(lost[i]), text("lost"), NULL);
        amqp_method_t method = next(connection);
        CHECK(method.id == AMQP_BASIC_RETURN_METHOD);
        amqp_basic_return_t *returned = method.decoded;
        CHECK(returned->reply_code == 312 && same(returned->routing_key, lost[i]));
        amqp_message_t message;
        CHECK(exception(amqp_read_message(connection, MAIN, &message, 0)) == 0);
        CHECK(same(message.body, "lost"));
        amqp_destroy_message(&message);
        confirmed(connection, ++tag);
    }
    step("returned");

    char body[8];
    for (int number = 0; number < 100; number++, tag++) {
        snprintf(body, sizeof body, "%d", number);
        publish(connection, MAIN, NEWS, text("eu.sport"), text(body), NULL);
    }
    confirmed(connection, tag);
    CHECK(waiting(connection, queue) == 100);
    step("confirms");
    return tag;
}

static void consume(amqp_connection_state_t connection, amqp_bytes_t queue) {
    amqp_channel_t channel = 2;
    open_channel(connection, channel);
    amqp_basic_qos(connection, channel, 0, 10, 0);
    well(connection, "basic.qos");
    amqp_basic_consume(connection, channel, queue, text("c"), 0, 0, 0, amqp_empty_table);
    well(connection, "basic.consume");
    char body[8];
    for (int number = 0; number < 100; number++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        CHECK(exception(amqp_consume_message(connection, &envelope, NULL, 0)) == 0);
        snprintf(body, sizeof body, "%d", number);
        CHECK(same(envelope.message.body, body) && !envelope.redelivered);
        if (number == 0) CHECK(waiting(connection, queue) == 90);
        CHECK(amqp_basic_ack(connection, channel, envelope.delivery_tag, 0) == AMQP_STATUS_OK);
        amqp_destroy_envelope(&envelope);
    }
    amqp_basic_cancel(connection, channel, text("c"));
    well(connection, "basic.cancel");
    CHECK(exception(amqp_channel_close(connection, channel, AMQP_REPLY_SUCCESS)) == 0);
    step("consume");
}

static uint64_t fetch(amqp_connection_state_t connection, amqp_bytes_t queue, uint64_t tag) {
    amqp_message_t message;
    amqp_basic_get_ok_t method;
    publish(connection, MAIN, "", queue, text("again"), NULL);
    confirmed(connection, ++tag);
    CHECK(get(connection, queue, false, &message, &method) && !method.redelivered);
    amqp_destroy_message(&message);
    CHECK(amqp_basic_nack(connection, MAIN, method.delivery_tag, 0, 1) == AMQP_STATUS_OK);
    CHECK(get(connection, queue, false, &message, &method) && method.redelivered);
    CHECK(same(message.body, "again"));
    amqp_destroy_message(&message);
    CHECK(amqp_basic_ack(connection, MAIN, method.delivery_tag, 0) == AMQP_STATUS_OK);
    step("requeue");

    publish(connection, MAIN, "", queue, text("a"), NULL);
    publish(connection, MAIN, "", queue, text("b"), NULL);
    confirmed(connection, tag += 2);
    CHECK(get(connection, queue, true, &message, &method) && method.message_count == 1);
    CHECK(same(message.body, "a"));
    amqp_destroy_message(&message);
    gives(connection, queue, "b");
    CHECK(empty(connection, queue));
    step("get");
    return tag;
}

static uint64_t properties(amqp_connection_state_t connection, amqp_bytes_t queue, uint64_t tag) {
    amqp_table_entry_t inner[] = {
        {text("n"), {.kind = AMQP_FIELD_KIND_I8, .value.i8 = -1}},
        {text("empty"), {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {0, NULL}}},
    };
    amqp_field_value_t list[] = {
        {.kind = AMQP_FIELD_KIND_I16, .value.i16 = 1},
        {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {1, inner}},
    };
    amqp_table_entry_t headers[] = {
        {text("int"), {.kind = AMQP_FIELD_KIND_I32, .value.i32 = -5}},
        {text("long"), {.kind = AMQP_FIELD_KIND_I64, .value.i64 = 1ll << 40}},
        {text("double"), {.kind = AMQP_FIELD_KIND_F64, .value.f64 = 0.25}},
        {text("decimal"), {.kind = AMQP_FIELD_KIND_DECIMAL, .value.decimal = {2, 1234}}},
        {text("text"), {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = text("wort – слово")}},
        {text("yes"), {.kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1}},
        {text("time"), {.kind = AMQP_FIELD_KIND_TIMESTAMP, .value.u64 = 1700000000}},
        {text("none"), {.kind = AMQP_FIELD_KIND_VOID}},
        {text("list"), {.kind = AMQP_FIELD_KIND_ARRAY, .value.array = {2, list}}},
        {text("table"), {.kind = AMQP_FIELD_KIND_TABLE, .value.table = {2, inner}}},
    };
    amqp_basic_properties_t sent = {
        ._flags = 0xfff8, /* All but the one that is reserved. */
        .content_type = text("text/plain"),
        .content_encoding = text("identity"),
        .headers = {sizeof headers / sizeof *headers, headers},
        .delivery_mode = 1,
        .priority = 3,
        .correlation_id = text("c"),
        .reply_to = text("r"),
        .expiration = text("60000"),
        .message_id = text("m"),
        .timestamp = 1700000000,
        .type = text("t"),
        .user_id = text("guest"),
        .app_id = text("a"),
    };
    publish(connection, MAIN, "", queue, amqp_empty_bytes, &sent);
    confirmed(connection, ++tag);
    amqp_message_t message;
    amqp_basic_get_ok_t method;
    CHECK(get(connection, queue, true, &message, &method));
    amqp_basic_properties_t *got = &message.properties;
    CHECK(message.body.len == 0 && got->_flags == sent._flags);
    CHECK(same(got->content_type, "text/plain") && same(got->content_encoding, "identity"));
    CHECK(got->delivery_mode == 1 && got->priority == 3 && got->timestamp == 1700000000);
    CHECK(same(got->correlation_id, "c") && same(got->reply_to, "r") && same(got->expiration, "60000"));
    CHECK(same(got->message_id, "m") && same(got->type, "t") && same(got->user_id, "guest") && same(got->app_id, "a"));
    /* Written again it has to be the same octets. */
    char before[1024], after[1024];
    size_t length = 0, again = 0;
    CHECK(amqp_encode_table((amqp_bytes_t){sizeof before, before}, &sent.headers, &length) == AMQP_STATUS_OK);
    CHECK(amqp_encode_table((amqp_bytes_t){sizeof after, after}, &got->headers, &again) == AMQP_STATUS_OK);
    CHECK(length == again && memcmp(before, after, length) == 0);
    amqp_destroy_message(&message);
    step("properties");

    char *large = malloc(LARGE);
    for (int place = 0; place < LARGE; place++) large[place] = (char)place;
    publish(connection, MAIN, "", queue, (amqp_bytes_t){LARGE, large}, NULL);
    confirmed(connection, ++tag);
    CHECK(get(connection, queue, true, &message, &method));
    CHECK(message.body.len == LARGE && memcmp(message.body.bytes, large, LARGE) == 0);
    amqp_destroy_message(&message);
    free(large);
    step("large");
    return tag;
}

static void exceptions(amqp_connection_state_t connection, amqp_bytes_t queue) {
    open_channel(connection, 3);
    amqp_queue_declare(connection, 3, text("mqspec-clients-missing"), 1, 0, 0, 0, amqp_empty_table);
    CHECK(exception(amqp_get_rpc_reply(connection)) == 404);
    amqp_channel_close_ok_t closed;
    CHECK(amqp_send_method(connection, 3, AMQP_CHANNEL_CLOSE_OK_METHOD, &closed) == AMQP_STATUS_OK);
    CHECK(waiting(connection, queue) == 0);
    step("exception");

    open_channel(connection, 4);
    amqp_tx_select(connection, 4);
    well(connection, "tx.select");
    publish(connection, 4, "", queue, text("dropped"), NULL);
    amqp_tx_rollback(connection, 4);
    well(connection, "tx.rollback");
    publish(connection, 4, "", queue, text("kept"), NULL);
    CHECK(empty(connection, queue));
    amqp_tx_commit(connection, 4);
    well(connection, "tx.commit");
    gives(connection, queue, "kept");
    step("tx");

    amqp_bytes_t doomed = own_queue(connection);
    amqp_basic_consume(connection, MAIN, doomed, text("doomed"), 0, 0, 0, amqp_empty_table);
    well(connection, "basic.consume");
    amqp_queue_delete(connection, MAIN, doomed, 0, 0);
    well(connection, "queue.delete");
    amqp_method_t method = next(connection);
    CHECK(method.id == AMQP_BASIC_CANCEL_METHOD);
    CHECK(same(((amqp_basic_cancel_t *)method.decoded)->consumer_tag, "doomed"));
    amqp_bytes_free(doomed);
    step("cancelled");
}

static void alarm_by(const char *name) {
    if (system(getenv(name)) != 0) fail("%s failed", name);
}

static void blocked(amqp_connection_state_t connection, amqp_bytes_t queue, uint64_t tag) {
    alarm_by("ALARM_ON");
    publish(connection, MAIN, "", queue, text("late"), NULL);
    CHECK(next(connection).id == AMQP_CONNECTION_BLOCKED_METHOD);
    alarm_by("ALARM_OFF");
    CHECK(next(connection).id == AMQP_CONNECTION_UNBLOCKED_METHOD);
    confirmed(connection, tag + 1);
    gives(connection, queue, "late");
    step("blocked");
}

static void quiet(void) {
    amqp_connection_state_t connection;
    CHECK(connect(NULL, 2, &connection) == 0);
    /* rabbitmq-c sends heartbeats while it waits. */
    struct timeval patience = {6, 0};
    amqp_frame_t frame;
    CHECK(amqp_simple_wait_frame_noblock(connection, &frame, &patience) == AMQP_STATUS_TIMEOUT);
    open_channel(connection, MAIN);
    amqp_bytes_free(own_queue(connection));
    CHECK(exception(amqp_connection_close(connection, AMQP_REPLY_SUCCESS)) == 0);
    amqp_destroy_connection(connection);
    step("heartbeat");
}

int main(void) {
    printf("version %s\n", amqp_version());
    amqp_connection_state_t connection, refused;
    CHECK(connect(NULL, 0, &connection) == 0);
    open_channel(connection, MAIN);
    amqp_bytes_t queue = own_queue(connection);
    CHECK(queue.len > 0);
    step("server-named");
    CHECK(connect("wrong", 0, &refused) == 403);
    amqp_destroy_connection(refused);
    step("refused");
    uint64_t tag = route(connection, queue);
    consume(connection, queue);
    tag = fetch(connection, queue, tag);
    tag = properties(connection, queue, tag);
    exceptions(connection, queue);
    if (getenv("ALARM_ON") && getenv("ALARM_OFF")) {
        blocked(connection, queue, tag);
    } else {
        printf("without blocked: no command raises an alarm\n");
    }
    quiet();
    CHECK(exception(amqp_connection_close(connection, AMQP_REPLY_SUCCESS)) == 0);
    CHECK(amqp_destroy_connection(connection) == AMQP_STATUS_OK);
    amqp_bytes_free(queue);
    step("close");
    return 0;
}
