/* Many connections: opened and closed, sent the same message, one after the other, or held. */

#include "load.h"

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

void
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
void
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

static void
take_turn(Connection *connection, unsigned char *buffer)
{
    uint64_t whole = connection->received + ring.in_each;
    if (!push(connection, connection->sent + ring.out_each)) {
        fail("the server does not read");
    }
    while (connection->received < whole) {
        check(connection, buffer, receive(connection, buffer, 0));
    }
}

/* Messages that go one by one, each on the next connection. All have had one before anything is
   measured. Each line of standard input says for how many seconds; the next goes on from there. */
void
turns(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned char *buffer = allocate(BUFFER);
    double seconds;
    make_ring();
    Connection *all = open_all(poller);
    for (long i = 0; i < options.connections; i++) {
        fcntl(all[i].fd, F_SETFL, 0);
        take_turn(&all[i], buffer);
    }
    printf("{\"open\": %ld}\n", options.connections);
    fflush(stdout);
    for (long next = 0; scanf("%lf", &seconds) == 1;) {
        uint64_t messages = 0;
        Moment start = moment();
        do {
            take_turn(&all[next], buffer);
            next = (next + 1) % options.connections;
            messages++;
        } while (now() - start.wall < seconds);
        report(start, messages, messages * (uint64_t)options.size);
    }
}

/* Open connections, send the frames of a file on each, one by one, and hold them till standard
   input ends. */
void
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
