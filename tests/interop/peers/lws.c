/* A client and a server with libwebsockets; what they have to do is said in talk.py. */

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { CLOSE = -1 }; /* besides those of enum lws_write_protocol */

/* Something to send, when the socket is ready for it. */
struct item {
    struct item *next;
    int kind;
    size_t size;
    unsigned char space[LWS_PRE]; /* for the header of the frame; the payload is behind it */
    unsigned char payload[];
};

struct connection {
    struct item *first, **end;
    unsigned char *message; /* what has come of the current one */
    size_t size;
    int code;
    char reason[124];
};

static int over; /* whether the client's connection has ended */

static void *
grow(void *memory, size_t size)
{
    memory = realloc(memory, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void
put(struct lws *wsi, struct connection *c, int kind, const void *data, size_t size)
{
    struct item *item = grow(NULL, sizeof *item + size);
    item->next = NULL;
    item->kind = kind;
    item->size = size;
    if (size)
        memcpy(item->payload, data, size);
    *c->end = item;
    c->end = &item->next;
    lws_callback_on_writable(wsi);
}

static int
is(const struct connection *c, const char *text)
{
    return c->size == strlen(text) && memcmp(c->message, text, c->size) == 0;
}

/* Do what a message asks for, or send it back. */
static void
answer(struct lws *wsi, struct connection *c)
{
    if (lws_frame_is_binary(wsi)) {
        put(wsi, c, LWS_WRITE_BINARY, c->message, c->size);
    } else if (is(c, "which subprotocol")) {
        const char *name = lws_get_protocol(wsi)->name;
        put(wsi, c, LWS_WRITE_TEXT, name, strlen(name));
    } else if (is(c, "fragments")) {
        put(wsi, c, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, "frag", 4);
        put(wsi, c, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, "men", 3);
        put(wsi, c, LWS_WRITE_CONTINUATION, "ts", 2);
    } else if (is(c, "ping me")) {
        put(wsi, c, LWS_WRITE_PING, "abc", 3);
    } else if (is(c, "close me")) {
        put(wsi, c, CLOSE, NULL, 0);
    } else {
        put(wsi, c, LWS_WRITE_TEXT, c->message, c->size);
    }
}

static void
receive(struct lws *wsi, struct connection *c, const void *data, size_t size)
{
    c->message = grow(c->message, c->size + size + 1);
    memcpy(c->message + c->size, data, size);
    c->size += size;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
        return;
    answer(wsi, c);
    c->size = 0;
}

static int
send_next(struct lws *wsi, struct connection *c)
{
    struct item *item = c->first;
    int failed;

    if (item == NULL)
        return 0;
    c->first = item->next;
    if (c->first == NULL)
        c->end = &c->first;
    if (item->kind == CLOSE) {
        lws_close_reason(wsi, 4002, (unsigned char *)"that was all", 12);
        failed = -1;
    } else {
        failed = lws_write(wsi, item->payload, item->size, item->kind) < 0;
    }
    free(item);
    if (c->first != NULL)
        lws_callback_on_writable(wsi);
    return failed ? -1 : 0;
}

static void
note_close(struct connection *c, const unsigned char *data, size_t size)
{
    c->code = size < 2 ? 1005 : data[0] << 8 | data[1];
    snprintf(c->reason, sizeof c->reason, "%.*s", size < 2 ? 0 : (int)size - 2, data + 2);
}

static void
end(struct connection *c)
{
    printf("closed %d %s\n", c->code, c->reason);
    over = 1;
    while (c->first != NULL) {
        struct item *item = c->first;
        c->first = item->next;
        free(item);
    }
    free(c->message);
}

static int
callback(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t size)
{
    struct connection *c = user;
    char pong[132];

    switch (why) {
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        memset(c, 0, sizeof *c);
        c->end = &c->first;
        c->code = 1006;
        return 0;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE:
        receive(wsi, c, in, size);
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        snprintf(pong, sizeof pong, "pong %.*s", (int)size, (char *)in);
        put(wsi, c, LWS_WRITE_TEXT, pong, strlen(pong));
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return send_next(wsi, c);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        note_close(c, in, size);
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLIENT_CLOSED:
        end(c);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        printf("error: %s\n", in ? (char *)in : "");
        over = 1;
        return 0;
    default:
        return lws_callback_http_dummy(wsi, why, user, in, size);
    }
}

static const struct lws_protocols protocols[] = {
    {"chat", callback, sizeof(struct connection), 1 << 16, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static const struct lws_extension deflate[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
    {NULL, NULL, NULL},
};

static struct lws_context *
create(struct lws_context_creation_info *info, const char *compression)
{
    struct lws_context *context;

    info->protocols = protocols;
    info->extensions = strncmp(compression, "deflate", 7) ? NULL : deflate;
    info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    context = lws_create_context(info);
    if (context == NULL)
        exit(1);
    return context;
}

static void
serve(const char *transport, const char *compression)
{
    struct lws_context_creation_info info = {0};
    struct lws_context *context;

    info.iface = "127.0.0.1";
    if (strcmp(transport, "tls") == 0)
        info.ssl_cert_filepath = info.ssl_private_key_filepath = getenv("INTEROP_CERTIFICATE");
    context = create(&info, compression);
    printf("listening on %d\n", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
    while (lws_service(context, 0) >= 0)
        ;
}

static void
connect_to(char *uri, const char *compression)
{
    struct lws_context_creation_info info = {0};
    struct lws_client_connect_info to = {0};
    struct lws_context *context;
    const char *scheme;

    info.port = CONTEXT_PORT_NO_LISTEN;
    info.client_ssl_ca_filepath = getenv("INTEROP_CERTIFICATE");
    context = create(&info, compression);
    if (lws_parse_uri(uri, &scheme, &to.address, &to.port, &to.path))
        exit(1);
    to.context = context;
    to.ssl_connection = strcmp(scheme, "wss") ? 0 : LCCSCF_USE_SSL;
    to.path = "/";
    to.host = to.origin = to.address;
    to.protocol = "chat";
    over = 0;
    lws_client_connect_via_info(&to);
    while (!over && lws_service(context, 0) >= 0)
        ;
    lws_context_destroy(context);
}

int
main(int count, char **arguments)
{
    char line[1000];

    setvbuf(stdout, NULL, _IOLBF, 0);
    lws_set_log_level(LLL_ERR, NULL);
    printf("is %s\n", lws_get_library_version());
    if (count == 4)
        serve(arguments[2], arguments[3]);
    while (fgets(line, sizeof line, stdin)) {
        char *compression = strchr(line, ' ');
        if (compression == NULL)
            return 1;
        *compression++ = '\0';
        connect_to(line, compression);
    }
    return 0;
}
