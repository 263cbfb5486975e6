/* Sockets, the opening handshake, and what is received. */

#include "load.h"

int
new_socket(int flags)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        fail("socket: %s", strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

void
watch(int poller, int fd, uint32_t events, void *data, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(poller, how, fd, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

int
wait_for(int poller, struct epoll_event *events)
{
    int count = epoll_wait(poller, events, EVENTS, 60000);
    if (count < 0 && errno == EINTR) {
        return 0;
    }
    if (count < 0) {
        fail("epoll_wait: %s", strerror(errno));
    }
    if (count == 0) {
        fail("nothing came for a minute");
    }
    return count;
}

void
dial(Connection *connection, int poller)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(connection, 0, offsetof(Connection, head));
    connection->fd = new_socket(SOCK_NONBLOCK);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0
        && errno != EINPROGRESS) {
        fail("connect: %s", strerror(errno));
    }
    watch(poller, connection->fd, EPOLLOUT, connection, EPOLL_CTL_ADD);
}

void
send_all(int fd, const void *data, size_t size)
{
    if (send(fd, data, size, MSG_NOSIGNAL) != (ssize_t)size) {
        fail("send: %s", strerror(errno));
    }
}

void
request(Connection *connection)
{
    char text[512];
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        fail("connect: %s", strerror(error));
    }
    int length = snprintf(
        text, sizeof text,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
        options.port,
        options.compression
            ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
            : "");
    send_all(connection->fd, text, (size_t)length);
    connection->state = UPGRADING;
}

/* Whether the response is whole; anything but a right one ends the program. */
int
upgraded(Connection *connection)
{
    char *head = connection->head;
    ssize_t got = recv(connection->fd, head + connection->have, HEAD - 1 - connection->have, 0);
    if (got <= 0) {
        fail("the server ended the connection during the handshake");
    }
    connection->have += (size_t)got;
    head[connection->have] = '\0';
    char *end = strstr(head, "\r\n\r\n");
    if (end == NULL) {
        return 0;
    }
    if (strncmp(head, "HTTP/1.1 101 ", 13) || !strstr(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
        fail("no right response to the handshake");
    }
    if (options.compression && !strcasestr(head, "permessage-deflate")) {
        fail("the server has not agreed to permessage-deflate");
    }
    if (end + 4 != head + connection->have) {
        fail("the server speaks first");
    }
    connection->have = 0;
    connection->state = OPEN;
    return 1;
}

/* Open all of them, a few at a time: a server's backlog holds about a hundred. */
Connection *
open_all(int poller)
{
    long opened = 0, dialed = 0;
    Connection *all = allocate((size_t)options.connections * sizeof *all);
    struct epoll_event events[EVENTS];
    while (opened < options.connections) {
        while (dialed < options.connections && dialed - opened < OPENING) {
            dial(&all[dialed++], poller);
        }
        for (int i = 0, count = wait_for(poller, events); i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (connection->state == CONNECTING && options.raw) {
                connection->state = OPEN;
            }
            else if (connection->state == CONNECTING) {
                request(connection);
                watch(poller, connection->fd, EPOLLIN, connection, EPOLL_CTL_MOD);
                continue;
            }
            else if (!upgraded(connection)) {
                continue;
            }
            watch(poller, connection->fd, EPOLLIN, connection, EPOLL_CTL_MOD);
            opened++;
        }
    }
    return all;
}

/* Compare what came with what has to come next. */
void
check(Connection *connection, const unsigned char *data, size_t size)
{
    size_t whole = ring.in_each * ring.count;
    while (size) {
        size_t at = connection->received % whole;
        size_t piece = size < whole - at ? size : whole - at;
        if (memcmp(ring.in + at, data, piece) != 0) {
            if (at % ring.in_each == 0 && piece >= 4 && data[0] == 0x88) {
                fail("the server closed the connection with %d", data[2] << 8 | data[3]);
            }
            fail("a wrong echo in message %llu",
                 (unsigned long long)(connection->received / ring.in_each));
        }
        connection->received += piece;
        data += piece;
        size -= piece;
    }
}

/* Receive once; how many bytes there were, 0 where there is nothing now. */
size_t
receive(Connection *connection, unsigned char *buffer, int flags)
{
    ssize_t got = recv(connection->fd, buffer, BUFFER, flags);
    if (got < 0 && errno == EAGAIN) {
        return 0;
    }
    if (got <= 0) {
        fail("the server ended the connection");
    }
    return (size_t)got;
}
