/* Messages, each of which has to come back as it was sent. */

#include "load.h"

const unsigned char closing[8] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8};

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
int
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
void
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

void
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
