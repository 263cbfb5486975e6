/* A WebSocket load generator, and a fast server for clients to be measured against.
 *
 *     load echo --port N [--size N] [--text] [--burst N] [--sliding] [--fragment N]
 *               [--connections N] [--seconds X] [--messages N] [--raw] [--pid N]
 *     load replay --port N --file FRAMES [--record FILE] [--seconds X] [--pid N]
 *     load handshakes --port N [--connections N] [--seconds X] [--messages N] [--compression] [--pid N]
 *     load sink --port N --connections N [--size N] [--text] [--compression] [--pid N]
 *     load hold --port N --connections N [--compression] [--file FRAMES]
 *     load serve [--raw]
 *
 * Each prints JSON. What comes back is compared byte by byte with what has to come back, and one
 * byte that differs ends the program with status 1. The CPU time of the process --pid is read at
 * the same moments as the clock, so that it covers what is timed and nothing else.
 *
 * It makes no frame while it measures: all of them are made before. One thread, Linux.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, EVENTS = 256, OPENING = 64, HEAD = 4096, ROOM = 16 };

/* ---------------------------------------------------------------- errors, clocks, options */

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, rest);
    fputc('\n', stderr);
    exit(1);
}

static void *
allocate(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (memory == NULL) {
        fail("out of memory for %zu bytes", size);
    }
    return memory;
}

static struct {
    int port, text, sliding, raw, compression;
    long size, burst, fragment, connections, messages, pid;
    double seconds;
    const char *file, *record;
} options = {.size = 256, .burst = 1, .connections = 1, .seconds = 1.0};

static double
seconds_of(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        fail("process %ld is gone", options.pid);
    }
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static double
now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* What Linux calls the CPU clock of another process (clock_getcpuclockid). */
static double
cpu_of_subject(void)
{
    clockid_t clock;
    if (options.pid == 0) {
        return 0;
    }
    if (clock_getcpuclockid((pid_t)options.pid, &clock) != 0) {
        fail("no process %ld", options.pid);
    }
    return seconds_of(clock);
}

typedef struct {
    double wall, subject, self;
} Moment;

static Moment
moment(void)
{
    return (Moment){now(), cpu_of_subject(), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

static void
report(Moment start, uint64_t messages, uint64_t bytes)
{
    Moment end = moment();
    printf("{\"messages\": %llu, \"bytes\": %llu, \"seconds\": %.9f, \"cpu\": %.9f, "
           "\"load_cpu\": %.9f}\n",
           (unsigned long long)messages, (unsigned long long)bytes, end.wall - start.wall,
           end.subject - start.subject, end.self - start.self);
    fflush(stdout);
}

/* ---------------------------------------------------------------- frames */

static uint64_t
random_number(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t
write_head(unsigned char *to, int first, uint64_t length, int masked)
{
    int mask_bit = masked ? 0x80 : 0;
    to[0] = (unsigned char)first;
    if (length < 126) {
        to[1] = (unsigned char)(mask_bit | (int)length);
        return 2;
    }
    int bytes = length < 65536 ? 2 : 8;
    to[1] = (unsigned char)(mask_bit | (bytes == 2 ? 126 : 127));
    for (int i = 0; i < bytes; i++) {
        to[2 + i] = (unsigned char)(length >> (8 * (bytes - 1 - i)));
    }
    return 2 + (size_t)bytes;
}

/* XOR with the key, whose byte at position is the first to be used. */
static void
mask(unsigned char *data, size_t size, const unsigned char key[4], size_t position)
{
    unsigned char turned[8];
    uint64_t word;
    for (int i = 0; i < 8; i++) {
        turned[i] = key[(position + (size_t)i) & 3];
    }
    memcpy(&word, turned, 8);
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t piece;
        memcpy(&piece, data + i, 8);
        piece ^= word;
        memcpy(data + i, &piece, 8);
    }
    for (; i < size; i++) {
        data[i] ^= turned[i & 7];
    }
}

static size_t
write_masked(unsigned char *to, int first, const unsigned char *payload, size_t size)
{
    uint32_t key = (uint32_t)random_number();
    size_t head = write_head(to, first, size, 1);
    memcpy(to + head, &key, 4);
    memcpy(to + head + 4, payload, size);
    mask(to + head + 4, size, to + head, 0);
    return head + 4 + size;
}

/* A message as a client sends it, in fragments of options.fragment bytes where that is not 0. */
static size_t
write_message(unsigned char *to, const unsigned char *payload, size_t size)
{
    size_t piece = options.fragment ? (size_t)options.fragment : size;
    size_t done = 0, written = 0;
    do {
        size_t length = size - done < piece ? size - done : piece;
        int opcode = done ? 0 : options.text ? 1 : 2;
        int fin = done + length == size ? 0x80 : 0;
        written += write_masked(to + written, fin | opcode, payload + done, length);
        done += length;
    } while (done < size);
    return written;
}

/* Random bytes, or printable ASCII. */
static void
fill(unsigned char *payload, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t number = random_number();
        memcpy(payload + i, &number, size - i < 8 ? size - i : 8);
    }
    for (size_t i = 0; options.text && i < size; i++) {
        payload[i] = (unsigned char)(' ' + payload[i] % 95);
    }
}

/* All that is sent and all that has to come back, as a ring: each message is one of several. */
static struct {
    unsigned char *out, *in;
    size_t out_each, in_each, count;
} ring;

static void
make_ring(void)
{
    size_t size = (size_t)options.size;
    size_t frames = options.fragment ? size / (size_t)options.fragment + 1 : 1;
    size_t variants = size * (size_t)options.burst > BUFFER ? 1 : 4;
    unsigned char *payload = allocate(size);
    ring.count = variants * (size_t)options.burst;
    ring.out = allocate(ring.count * (size + frames * 14));
    ring.in = allocate(ring.count * (size + frames * 14));
    for (size_t i = 0; i < ring.count; i++) {
        fill(payload, size);
        unsigned char *out = ring.out + i * ring.out_each, *in = ring.in + i * ring.in_each;
        ring.out_each = write_message(out, payload, size);
        if (options.raw) {
            ring.in_each = ring.out_each;
            memcpy(in, out, ring.out_each);
        }
        else {
            ring.in_each = write_head(in, options.text ? 0x81 : 0x82, size, 0);
            memcpy(in + ring.in_each, payload, size);
            ring.in_each += size;
        }
    }
    free(payload);
}

/* ---------------------------------------------------------------- connections */

typedef enum { CONNECTING, UPGRADING, OPEN, CLOSING } State;

typedef struct {
    int fd;
    State state;
    uint64_t sent, received;
    /* The response to the upgrade, then the head of a frame that has not come whole. */
    size_t have;
    uint64_t left;
    char head[HEAD];
} Connection;

static int
new_socket(int flags)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) {
        fail("socket: %s", strerror(errno));
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void
watch(int poller, int fd, uint32_t events, void *data, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(poller, how, fd, &event) != 0) {
        fail("epoll_ctl: %s", strerror(errno));
    }
}

static int
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

static void
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

static void
send_all(int fd, const void *data, size_t size)
{
    if (send(fd, data, size, MSG_NOSIGNAL) != (ssize_t)size) {
        fail("send: %s", strerror(errno));
    }
}

static void
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
static int
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
static Connection *
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
static void
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
static size_t
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

/* ---------------------------------------------------------------- echo */

static const unsigned char closing[8] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8};

static struct {
    double deadline;
    uint64_t most;
    int over;
} run;

static uint64_t
limit_of(const Connection *connection)
{
    if (run.over) { /* what has been begun is finished */
        return (connection->sent + ring.out_each - 1) / ring.out_each * ring.out_each;
    }
    uint64_t burst = (uint64_t)options.burst, done = connection->received / ring.in_each;
    uint64_t begun = options.sliding ? done : done / burst * burst;
    return (begun + burst) * ring.out_each;
}

/* Send what may be sent; whether the socket took it all. */
static int
push(Connection *connection, uint64_t limit)
{
    size_t whole = ring.out_each * ring.count;
    while (connection->sent < limit) {
        size_t at = connection->sent % whole;
        size_t piece = limit - connection->sent < whole - at ? limit - connection->sent : whole - at;
        ssize_t got = send(connection->fd, ring.out + at, piece, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) {
            return 0;
        }
        if (got < 0) {
            fail("send: %s", strerror(errno));
        }
        connection->sent += (uint64_t)got;
    }
    return 1;
}

static int
settled(const Connection *connection)
{
    return connection->sent / ring.out_each * ring.in_each == connection->received
           && connection->sent % ring.out_each == 0;
}

/* Go on with a connection; whether it has all its answers and begins no other message. */
static int
step(Connection *connection, unsigned char *buffer, int flags)
{
    size_t got = receive(connection, buffer, flags);
    check(connection, buffer, got);
    if (settled(connection) || options.sliding) {
        if (!run.over) {
            run.over = connection->received / ring.in_each >= run.most || now() >= run.deadline;
        }
        if (run.over) {
            return settled(connection);
        }
    }
    return 0;
}

/* One connection needs no poller while everything that may be sent is sent. */
static void
echo_alone(Connection *connection, unsigned char *buffer)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event;
    fcntl(connection->fd, F_SETFL, 0);
    watch(poller, connection->fd, EPOLLIN | EPOLLOUT, connection, EPOLL_CTL_ADD);
    for (;;) {
        int all_sent = push(connection, limit_of(connection));
        if (!all_sent) {
            epoll_wait(poller, &event, 1, 60000);
        }
        if (step(connection, buffer, all_sent ? 0 : MSG_DONTWAIT)) {
            break;
        }
    }
    close(poller);
}

static void
echo_many(Connection *all, unsigned char *buffer, int poller)
{
    long running = options.connections;
    struct epoll_event events[EVENTS];
    for (long i = 0; i < options.connections; i++) {
        int all_sent = push(&all[i], limit_of(&all[i]));
        watch(poller, all[i].fd, all_sent ? EPOLLIN : EPOLLIN | EPOLLOUT, &all[i], EPOLL_CTL_MOD);
    }
    while (running) {
        for (int i = 0, count = wait_for(poller, events); i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (step(connection, buffer, MSG_DONTWAIT)) {
                watch(poller, connection->fd, 0, connection, EPOLL_CTL_DEL);
                running--;
                continue;
            }
            int all_sent = push(connection, limit_of(connection));
            if (!all_sent || events[i].events & EPOLLOUT) {
                watch(poller, connection->fd, all_sent ? EPOLLIN : EPOLLIN | EPOLLOUT, connection,
                      EPOLL_CTL_MOD);
            }
        }
    }
}

static uint64_t
total(const Connection *all)
{
    uint64_t messages = 0;
    for (long i = 0; i < options.connections; i++) {
        messages += all[i].received / ring.in_each;
    }
    return messages;
}

static void
echo_for(Connection *all, unsigned char *buffer, int poller, double seconds, uint64_t most)
{
    run.over = 0;
    run.deadline = now() + seconds;
    run.most = all[0].received / ring.in_each + most;
    if (options.connections == 1) {
        echo_alone(all, buffer);
    }
    else {
        echo_many(all, buffer, poller);
    }
}

/* Close as RFC 6455 has it, so that no server has an error to log. */
static void
take_leave(const Connection *all, unsigned char *buffer)
{
    for (long i = 0; !options.raw && i < options.connections; i++) {
        fcntl(all[i].fd, F_SETFL, 0);
        send_all(all[i].fd, closing, sizeof closing);
        while (recv(all[i].fd, buffer, BUFFER, 0) > 0) {
        }
        close(all[i].fd);
    }
}

static void
echo(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned char *buffer = allocate(BUFFER);
    make_ring();
    Connection *all = open_all(poller);
    uint64_t most = options.messages ? (uint64_t)options.messages : UINT64_MAX / 2;
    if (options.connections == 1 && !options.messages) {
        echo_for(all, buffer, poller, options.seconds / 5, most);
    }
    uint64_t before = total(all);
    Moment start = moment();
    echo_for(all, buffer, poller, options.seconds, most);
    uint64_t messages = total(all) - before;
    report(start, messages, messages * (uint64_t)options.size);
    take_leave(all, buffer);
}

/* ---------------------------------------------------------------- frames of the server */

typedef void (*Handler)(Connection *connection, int first, const unsigned char *data, size_t size,
                        int last);

/* Take frames apart, and give their payloads piece by piece. */
static void
take_frames(Connection *connection, const unsigned char *data, size_t size, Handler handle)
{
    unsigned char *head = (unsigned char *)connection->head;
    while (size) {
        if (connection->left == 0) {
            head[connection->have++] = *data++;
            size--;
            size_t need = connection->have < 2 ? 2 : head[1] < 126 ? 2 : head[1] == 126 ? 4 : 10;
            if (connection->have < need) {
                continue;
            }
            connection->have = 0;
            connection->left = head[1];
            for (size_t i = 2; i < need; i++) {
                connection->left = (i == 2 ? 0 : connection->left << 8) | head[i];
            }
            if (connection->left == 0) {
                handle(connection, head[0], data, 0, 1);
            }
            continue;
        }
        size_t piece = size < connection->left ? size : connection->left;
        connection->left -= piece;
        handle(connection, head[0], data, piece, connection->left == 0);
        data += piece;
        size -= piece;
    }
}

/* A file of frames, each behind its length in 4 bytes, the lowest first. */
static struct {
    unsigned char *data;
    size_t count, *at, *size;
} frames;

static void
read_frames(void)
{
    FILE *file = fopen(options.file, "rb");
    if (file == NULL) {
        fail("%s: %s", options.file, strerror(errno));
    }
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    frames.data = allocate(length);
    frames.at = allocate((length / 4 + 1) * sizeof(size_t));
    frames.size = allocate((length / 4 + 1) * sizeof(size_t));
    if (fread(frames.data, 1, length, file) != length) {
        fail("%s: cannot be read", options.file);
    }
    fclose(file);
    for (size_t at = 0; at < length; at += frames.size[frames.count++]) {
        const unsigned char *size = frames.data + at;
        frames.size[frames.count] = size[0] | size[1] << 8 | size[2] << 16 | (size_t)size[3] << 24;
        at += 4;
        frames.at[frames.count] = at;
    }
}

static void
send_frame(Connection *connection, size_t number)
{
    send_all(connection->fd, frames.data + frames.at[number], frames.size[number]);
}

/* ---------------------------------------------------------------- replay */

static struct {
    FILE *file;
    uint64_t count, bytes;
    unsigned char *message;
    size_t size;
} answers;

/* Count the messages that come, and write them down behind their length and first byte. */
static void
keep(Connection *connection, int first, const unsigned char *data, size_t size, int last)
{
    (void)connection;
    if ((first & 0x0F) == 8) {
        fail("the server closed the connection");
    }
    if (first & 0x08) {
        return;
    }
    if (answers.size + size > BUFFER) {
        fail("an answer of more than %d bytes", BUFFER);
    }
    memcpy(answers.message + answers.size, data, size);
    answers.size += size;
    if (!last) {
        return;
    }
    if (answers.file) {
        uint32_t length = (uint32_t)answers.size;
        fwrite(&length, 4, 1, answers.file);
        fputc(first, answers.file);
        fwrite(answers.message, 1, answers.size, answers.file);
    }
    answers.bytes += answers.size;
    answers.count++;
    answers.size = 0;
}

/* Send the frames of a file, the next when the answer to the last is there. */
static void
replay(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned char *buffer = allocate(BUFFER);
    answers.message = allocate(BUFFER);
    answers.file = options.record ? fopen(options.record, "wb") : NULL;
    options.connections = 1;
    options.compression = 1;
    read_frames();
    Connection *connection = open_all(poller);
    fcntl(connection->fd, F_SETFL, 0);
    Moment start = moment();
    for (size_t i = 0; i < frames.count; i++) {
        send_frame(connection, i);
        while (answers.count <= i) {
            size_t got = receive(connection, buffer, 0);
            take_frames(connection, buffer, got, keep);
        }
        if (now() - start.wall > options.seconds) {
            break;
        }
    }
    report(start, answers.count, answers.bytes);
    take_leave(connection, buffer);
    if (answers.file && fclose(answers.file) != 0) {
        fail("%s: cannot be written", options.record);
    }
}

/* ---------------------------------------------------------------- handshakes */

/* Go on with a connection; whether it has been opened, closed by a close frame, and ended. */
static int
open_and_close(Connection *connection, int poller)
{
    if (connection->state == CONNECTING) {
        request(connection);
        watch(poller, connection->fd, EPOLLIN, connection, EPOLL_CTL_MOD);
        return 0;
    }
    if (connection->state == UPGRADING) {
        if (upgraded(connection)) {
            send_all(connection->fd, closing, sizeof closing);
            connection->state = CLOSING;
        }
        return 0;
    }
    unsigned char buffer[256];
    ssize_t got = recv(connection->fd, buffer, sizeof buffer, 0);
    if (got > 0) {
        if (connection->have == 0 && buffer[0] != 0x88) {
            fail("no close frame in answer to one");
        }
        connection->have += (size_t)got;
        return 0;
    }
    if (connection->have == 0) {
        fail("the connection was lost in the closing handshake");
    }
    close(connection->fd);
    return 1;
}

static void
handshakes(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[EVENTS];
    Connection *all = allocate((size_t)options.connections * sizeof *all);
    uint64_t done = 0;
    long running = options.connections;
    Moment start = moment();
    for (long i = 0; i < options.connections; i++) {
        dial(&all[i], poller);
    }
    while (running) {
        for (int i = 0, count = wait_for(poller, events); i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (!open_and_close(connection, poller)) {
                continue;
            }
            done++;
            int more = options.messages ? done + (uint64_t)running <= (uint64_t)options.messages
                                        : now() - start.wall < options.seconds;
            if (more) {
                dial(connection, poller);
            }
            else {
                running--;
            }
        }
    }
    report(start, done, 0);
}

/* ---------------------------------------------------------------- sink */

/* Count messages; answer pings, which are always whole in one piece where nobody stalls. */
static void
stay(Connection *connection, int first, const unsigned char *data, size_t size, int last)
{
    unsigned char pong[6 + 125];
    if ((first & 0x0F) == 8) {
        fail("the server closed a connection");
    }
    if ((first & 0x0F) == 9) {
        if (!last || size > 125) {
            fail("a ping in pieces");
        }
        send_all(connection->fd, pong, write_masked(pong, 0x8A, data, size));
    }
    else if (!(first & 0x08) && last) {
        connection->received++;
        answers.count++;
    }
}

/* Receive until all connections have a message. What is compressed is counted, not compared. */
static void
wait_for_all(int poller, unsigned char *buffer)
{
    struct epoll_event events[EVENTS];
    uint64_t to_come = (uint64_t)options.connections * (options.compression ? 1 : ring.in_each);
    uint64_t come = 0;
    answers.count = 0;
    while (come < to_come) {
        for (int i = 0, count = wait_for(poller, events); i < count; i++) {
            Connection *connection = events[i].data.ptr;
            size_t got = receive(connection, buffer, MSG_DONTWAIT);
            if (options.compression) {
                take_frames(connection, buffer, got, stay);
                come = answers.count;
            }
            else {
                check(connection, buffer, got);
                come += got;
            }
        }
    }
    if (come > to_come) {
        fail("more came than was to come");
    }
}

/* The first connection sends a message, the server sends it to all. For each line of standard
   input, which says how many messages, there is a line with what they took. */
static void
sink(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned char *buffer = allocate(BUFFER);
    uint64_t messages;
    make_ring();
    Connection *all = open_all(poller);
    printf("{\"open\": %ld}\n", options.connections);
    fflush(stdout);
    while (scanf("%lu", &messages) == 1) {
        Moment start = moment();
        for (uint64_t i = 0; i < messages; i++) {
            if (!push(&all[0], all[0].sent + ring.out_each)) {
                fail("the server does not read");
            }
            wait_for_all(poller, buffer);
        }
        report(start, messages * (uint64_t)options.connections, 0);
    }
}

/* ---------------------------------------------------------------- hold */

/* Open connections, send the frames of a file on each, one by one, and hold them till standard
   input ends. */
static void
hold(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC), over = 0;
    struct epoll_event events[EVENTS];
    unsigned char *buffer = allocate(BUFFER);
    if (options.file) {
        read_frames();
    }
    Connection *all = open_all(poller);
    uint64_t wanted = frames.count * (uint64_t)options.connections;
    for (long i = 0; frames.count && i < options.connections; i++) {
        send_frame(&all[i], 0);
    }
    int told = 0;
    watch(poller, STDIN_FILENO, EPOLLIN, NULL, EPOLL_CTL_ADD);
    while (!over) {
        if (!told && answers.count == wanted) {
            printf("{\"open\": %ld, \"messages\": %llu}\n", options.connections,
                   (unsigned long long)answers.count);
            fflush(stdout);
            told = 1;
        }
        for (int i = 0, count = wait_for(poller, events); i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (connection == NULL) {
                over = read(STDIN_FILENO, buffer, BUFFER) <= 0;
                continue;
            }
            uint64_t before = connection->received;
            take_frames(connection, buffer, receive(connection, buffer, MSG_DONTWAIT), stay);
            if (connection->received > before && connection->received < frames.count) {
                send_frame(connection, connection->received);
            }
        }
    }
}

/* ---------------------------------------------------------------- serve */

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
    if (client->closing && client->left == 0 && !client->waiting) {
        shutdown(client->fd, SHUT_WR);
    }
}

static void
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

/* ---------------------------------------------------------------- the program */

static const struct {
    const char *name;
    long *number;
    int *flag;
    const char **text;
    double *seconds;
    int *port;
} known[] = {
    {"--port", .port = &options.port},
    {"--pid", .number = &options.pid},
    {"--size", .number = &options.size},
    {"--burst", .number = &options.burst},
    {"--fragment", .number = &options.fragment},
    {"--connections", .number = &options.connections},
    {"--messages", .number = &options.messages},
    {"--seconds", .seconds = &options.seconds},
    {"--text", .flag = &options.text},
    {"--sliding", .flag = &options.sliding},
    {"--raw", .flag = &options.raw},
    {"--compression", .flag = &options.compression},
    {"--file", .text = &options.file},
    {"--record", .text = &options.record},
};

static void
read_options(int count, char **arguments)
{
    for (int i = 2; i < count; i++) {
        size_t j = 0, all = sizeof known / sizeof *known;
        while (j < all && strcmp(arguments[i], known[j].name)) {
            j++;
        }
        if (j == all) {
            fail("no option %s", arguments[i]);
        }
        if (known[j].flag) {
            *known[j].flag = 1;
            continue;
        }
        if (++i == count) {
            fail("no value for %s", known[j].name);
        }
        if (known[j].number) {
            *known[j].number = atol(arguments[i]);
        }
        else if (known[j].port) {
            *known[j].port = atoi(arguments[i]);
        }
        else if (known[j].seconds) {
            *known[j].seconds = atof(arguments[i]);
        }
        else {
            *known[j].text = arguments[i];
        }
    }
    if (options.connections < 1 || options.burst < 1 || options.size < 1 || options.fragment < 0) {
        fail("--connections, --burst and --size take a number from 1, --fragment from 0");
    }
}

int
main(int count, char **arguments)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {
        {"echo", echo}, {"replay", replay}, {"handshakes", handshakes},
        {"sink", sink}, {"hold", hold},     {"serve", serve},
    };
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_options(count, arguments);
    for (size_t i = 0; count > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(arguments[1], modes[i].name) == 0) {
            modes[i].run();
            return 0;
        }
    }
    fail("no mode; there are echo, replay, handshakes, sink, hold and serve");
}
