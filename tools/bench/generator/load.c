/* A WebSocket load generator, and a fast server for clients to be measured against.
 *
 *     load echo --port N [--size N] [--text] [--burst N] [--sliding] [--fragment N]
 *               [--connections N] [--seconds X] [--messages N] [--raw] [--pid N[,N]]
 *     load replay --port N --file FRAMES [--record FILE] [--seconds X] [--pid N]
 *     load handshakes --port N [--connections N] [--seconds X] [--messages N] [--compression] [--pid N]
 *     load sink --port N --connections N [--size N] [--text] [--compression] [--pid N]
 *     load turns --port N --connections N [--size N] [--text] [--raw] [--pid N]
 *     load hold --port N --connections N [--compression] [--file FRAMES]
 *     load serve [--raw]
 *
 * Each prints JSON. What comes back is compared byte by byte with what has to come back, and one
 * byte that differs ends the program with status 1. The CPU time of the processes --pid is read at
 * the same moments as the clock, so that it covers what is timed and nothing else.
 *
 * It makes no frame while it measures: all of them are made before. One thread, Linux.
 */

#include "load.h"

void
fail(const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, rest);
    fputc('\n', stderr);
    exit(1);
}

void *
allocate(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (memory == NULL) {
        fail("out of memory for %zu bytes", size);
    }
    return memory;
}

Options options = {.size = 256, .burst = 1, .connections = 1, .seconds = 1.0};

static double
seconds_of(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        fail("a process of --pid is gone");
    }
    return now.tv_sec + now.tv_nsec * 1e-9;
}

double
now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* By what Linux calls the CPU clock of another process (clock_getcpuclockid), all of them in sum. */
static double
cpu_of_subjects(void)
{
    double sum = 0;
    char *at = (char *)options.pids;
    while (at && *at) {
        clockid_t clock;
        long pid = strtol(at, &at, 10);
        if (pid < 1 || clock_getcpuclockid((pid_t)pid, &clock) != 0) {
            fail("no process %ld", pid);
        }
        sum += seconds_of(clock);
        at += *at == ',';
    }
    return sum;
}

Moment
moment(void)
{
    return (Moment){now(), cpu_of_subjects(), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

void
report(Moment start, uint64_t messages, uint64_t bytes)
{
    Moment end = moment();
    printf("{\"messages\": %llu, \"bytes\": %llu, \"seconds\": %.9f, \"cpu\": %.9f, "
           "\"load_cpu\": %.9f}\n",
           (unsigned long long)messages, (unsigned long long)bytes, end.wall - start.wall,
           end.subject - start.subject, end.self - start.self);
    fflush(stdout);
}

static const struct {
    const char *name;
    long *number;
    int *flag;
    const char **text;
    double *seconds;
    int *port;
} known[] = {
    {"--port", .port = &options.port},
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
    {"--pid", .text = &options.pids},
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
        {"sink", sink}, {"turns", turns},   {"hold", hold},
        {"serve", serve},
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
    fail("no mode; there are echo, replay, handshakes, sink, turns, hold and serve");
}
