/* The server: it gives each frame back as it comes, unmasked. */

#include "load.h"

static uint32_t
rotate(uint32_t word, int by)
{
    return word << by | word >> (32 - by);
}

/* SHA-1 (RFC 3174) of a key and the GUID: 60 bytes, which take two blocks. */
static void
digest(const unsigned char text[60], unsigned char result[20])
{
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char blocks[128] = {0};
    memcpy(blocks, text, 60);
    blocks[60] = 0x80;
    blocks[126] = 480 >> 8;
    blocks[127] = 480 & 0xFF;
    for (int block = 0; block < 2; block++) {
        uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < 80; i++) {
            const unsigned char *at = blocks + 64 * block + 4 * i;
            w[i] = i < 16 ? (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]
                          : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
            uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                         : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                         : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                  : (b ^ c ^ d) + 0xCA62C1D6;
            f += rotate(a, 5) + e + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = f;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
    }
    for (int i = 0; i < 20; i++) {
        result[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

static void
encode_digest(const unsigned char from[20], char to[29])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)from[3 * i] << 16 | from[3 * i + 1] << 8;
        three |= i < 6 ? from[3 * i + 2] : 0;
        for (int j = 0; j < 4; j++) {
            to[4 * i + j] = letters[three >> (18 - 6 * j) & 63];
        }
    }
    to[27] = '=';
    to[28] = '\0';
}

typedef struct {
    int fd, open, closing;
    size_t have;             /* of a head, or of the request */
    uint64_t left, position; /* in the payload */
    unsigned char key[4];
    char head[HEAD];
    unsigned char *waiting; /* what the socket has not taken */
    size_t wait_from, wait_to;
} Client;

static void
answer(Client *client, int poller, const unsigned char *data, size_t size)
{
    ssize_t sent = send(client->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    size_t done = sent < 0 ? 0 : (size_t)sent;
    if (sent < 0 && errno != EAGAIN) {
        return; /* its end will be read */
    }
    if (done < size) {
        client->waiting = allocate(size - done);
        memcpy(client->waiting, data + done, size - done);
        client->wait_from = 0;
        client->wait_to = size - done;
        watch(poller, client->fd, EPOLLOUT, client, EPOLL_CTL_MOD); /* and read no more */
    }
}

/* Once the answer to a close frame is sent, end the connection (RFC 6455 7.1.1). */
static void
close_after(const Client *client)
{
    if (client->closing && client->left == 0 && client->waiting == NULL) {
        shutdown(client->fd, SHUT_WR);
    }
}

static void
answer_rest(Client *client, int poller)
{
    ssize_t sent = send(client->fd, client->waiting + client->wait_from,
                        client->wait_to - client->wait_from, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) {
        client->wait_from = client->wait_to;
    }
    client->wait_from += sent < 0 ? 0 : (size_t)sent;
    if (client->wait_from >= client->wait_to) {
        free(client->waiting);
        client->waiting = NULL;
        watch(poller, client->fd, EPOLLIN, client, EPOLL_CTL_MOD);
        close_after(client);
    }
}

/* Answer the request once it is whole. */
static void
accept_upgrade(Client *client, int poller, const unsigned char *data, size_t size)
{
    static const char name[] = "\r\nsec-websocket-key:";
    char text[256], accept[29];
    unsigned char hash[20], input[61];
    if (client->have + size >= HEAD) {
        fail("a request of more than %d bytes", HEAD);
    }
    memcpy(client->head + client->have, data, size);
    client->have += size;
    client->head[client->have] = '\0';
    if (!strstr(client->head, "\r\n\r\n")) {
        return;
    }
    char *key = strcasestr(client->head, name);
    if (key == NULL) {
        fail("a request without a key");
    }
    key += sizeof name - 1;
    key += strspn(key, " ");
    snprintf((char *)input, sizeof input, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    digest(input, hash);
    encode_digest(hash, accept);
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                          accept);
    client->have = 0;
    client->open = 1;
    answer(client, poller, (unsigned char *)text, (size_t)length);
}

/* Turn what came into what goes back: the same frames, unmasked. The result may begin ROOM bytes
   before it, since a head that came in two pieces is written at once. */
static size_t
turn(Client *client, unsigned char *data, size_t size)
{
    unsigned char *from = data, *to = data - ROOM, *end = data + size;
    unsigned char *head = (unsigned char *)client->head;
    while (from < end) {
        if (client->left == 0) {
            head[client->have++] = *from++;
            size_t length = client->have < 2 ? 0 : head[1] & 0x7F;
            size_t need = client->have < 2 ? 2 : 6 + (length == 126 ? 2 : length == 127 ? 8 : 0);
            if (client->have < need) {
                continue;
            }
            client->left = length < 126 ? length : 0;
            for (size_t i = 2; i < need - 4; i++) {
                client->left = client->left << 8 | head[i];
            }
            memcpy(client->key, head + need - 4, 4);
            int first = head[0] == 0x89 ? 0x8A : head[0];
            client->closing |= (first & 0x0F) == 8;
            to += write_head(to, first, client->left, 0);
            client->have = 0;
            client->position = 0;
            continue;
        }
        size_t piece = (size_t)(end - from) < client->left ? (size_t)(end - from) : client->left;
        memmove(to, from, piece);
        mask(to, piece, client->key, client->position & 3);
        client->position += piece;
        client->left -= piece;
        from += piece;
        to += piece;
    }
    return (size_t)(to - (data - ROOM));
}

static void
serve_client(Client *client, int poller, unsigned char *buffer)
{
    if (client->waiting) {
        answer_rest(client, poller);
        return;
    }
    ssize_t got = recv(client->fd, buffer + HEAD, BUFFER - HEAD, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got <= 0) {
        close(client->fd);
        free(client);
        return;
    }
    if (!client->open) {
        accept_upgrade(client, poller, buffer + HEAD, (size_t)got);
        return;
    }
    if (options.raw) {
        answer(client, poller, buffer + HEAD, (size_t)got);
        return;
    }
    size_t size = turn(client, buffer + HEAD, (size_t)got);
    if (size) {
        answer(client, poller, buffer + HEAD - ROOM, size);
    }
    close_after(client);
}

void
serve(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct epoll_event events[EVENTS];
    unsigned char *buffer = allocate(BUFFER);
    Client listener = {.fd = new_socket(SOCK_NONBLOCK)}, input = {.fd = STDIN_FILENO};
    int poller = epoll_create1(EPOLL_CLOEXEC);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener.fd, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener.fd, 1024) != 0
        || getsockname(listener.fd, (struct sockaddr *)&address, &size) != 0) {
        fail("listen: %s", strerror(errno));
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    watch(poller, listener.fd, EPOLLIN, &listener, EPOLL_CTL_ADD);
    watch(poller, input.fd, EPOLLIN, &input, EPOLL_CTL_ADD);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            Client *client = events[i].data.ptr;
            if (client == &input) {
                if (read(input.fd, buffer, BUFFER) <= 0) {
                    return;
                }
            }
            else if (client == &listener) {
                int one = 1, fd = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC);
                if (fd < 0) {
                    continue;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                Client *fresh = allocate(sizeof *fresh);
                fresh->fd = fd;
                fresh->open = options.raw;
                watch(poller, fd, EPOLLIN, fresh, EPOLL_CTL_ADD);
            }
            else {
                serve_client(client, poller, buffer);
            }
        }
    }
}
