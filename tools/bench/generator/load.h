/* What the parts of the load generator share. */

#ifndef LOAD_H
#define LOAD_H

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

/* load.c: the command line, errors, clocks. */

typedef struct {
    int port, text, sliding, raw, compression;
    long size, burst, fragment, connections, messages;
    double seconds;
    const char *file, *record, *pids;
} Options;

extern Options options;

typedef struct {
    double wall, subject, self;
} Moment;

void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...);
void *allocate(size_t size);
double now(void);
Moment moment(void);
void report(Moment start, uint64_t messages, uint64_t bytes);

/* frames.c: frames of clients, all of which are made before anything is measured. */

/* All that is sent and all that has to come back, as a ring: each message is one of several. */
typedef struct {
    unsigned char *out, *in;
    size_t out_each, in_each, count;
} Ring;

extern Ring ring;

void make_ring(void);
size_t write_head(unsigned char *to, int first, uint64_t length, int masked);
size_t write_masked(unsigned char *to, int first, const unsigned char *payload, size_t size);
void mask(unsigned char *data, size_t size, const unsigned char key[4], size_t position);

/* connections.c: sockets, and the opening handshake. */

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

int new_socket(int flags);
void watch(int poller, int fd, uint32_t events, void *data, int how);
int wait_for(int poller, struct epoll_event *events);
void dial(Connection *connection, int poller);
void send_all(int fd, const void *data, size_t size);
void request(Connection *connection);
int upgraded(Connection *connection);
Connection *open_all(int poller);
void check(Connection *connection, const unsigned char *data, size_t size);
size_t receive(Connection *connection, unsigned char *buffer, int flags);

/* echo.c: messages that come back. */

extern const unsigned char closing[8];

int push(Connection *connection, uint64_t limit);
void take_leave(const Connection *all, unsigned char *buffer);
void echo(void);

/* replay.c: frames from a file, and what comes back without being known before. */

typedef void (*Handler)(Connection *connection, int first, const unsigned char *data, size_t size,
                        int last);

/* A file of frames, each behind its length in 4 bytes, the lowest first. */
typedef struct {
    unsigned char *data;
    size_t count, *at, *size;
} FrameFile;

typedef struct {
    FILE *file;
    uint64_t count, bytes;
    unsigned char *message;
    size_t size;
} Answers;

extern FrameFile frames;
extern Answers answers;

void take_frames(Connection *connection, const unsigned char *data, size_t size, Handler handle);
void read_frames(void);
void send_frame(Connection *connection, size_t number);
void replay(void);

/* crowd.c: many connections. serve.c: the server. */

void handshakes(void);
void sink(void);
void turns(void);
void hold(void);
void serve(void);

#endif
