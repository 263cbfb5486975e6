/* UTF-8 judged as it arrives, RFC 3629 and RFC 6455 section 8.1. */

#ifndef WS_FRAMES_UTF8_H
#define WS_FRAMES_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t seen;     /* bytes of a character that isn't complete; 0 between them */
    uint8_t missing;  /* bytes that it still needs */
    uint8_t low;      /* range of the next one */
    uint8_t high;
    bool wide;        /* whether there was anything but ASCII */
} ws_utf8;

/* Judge the next n bytes. Return how many are good: n, or the place of the first
 * byte that can't stand there. The bad sequence began `seen` bytes before it. */
size_t ws_utf8_judge(ws_utf8 *utf8, const uint8_t *data, size_t n);

#endif
