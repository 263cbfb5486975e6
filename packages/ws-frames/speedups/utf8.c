#include "utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static size_t
ascii_prefix(const uint8_t *data, size_t n)
{
    size_t i = 0;
    uint64_t word;

    for (; n - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, data + i, sizeof(word));
        if (word & HIGH_BITS) {
            break;
        }
    }
    while (i < n && data[i] < 0x80) {
        i++;
    }
    return i;
}

/* The first byte of a character beyond ASCII; RFC 3629 section 4 as ranges. */
static bool
begin(ws_utf8 *utf8, uint8_t lead)
{
    if (lead < 0xC2 || lead > 0xF4) {
        return false;  /* a continuation, an overlong form, or over U+10FFFF */
    }
    utf8->wide = true;
    utf8->seen = 1;
    utf8->missing = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    utf8->low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;   /* not overlong */
    utf8->high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;  /* no surrogate */
    return true;
}

static bool
proceed(ws_utf8 *utf8, uint8_t byte)
{
    if (byte < utf8->low || byte > utf8->high) {
        return false;
    }
    utf8->low = 0x80;
    utf8->high = 0xBF;
    utf8->missing--;
    utf8->seen = utf8->missing ? utf8->seen + 1 : 0;
    return true;
}

size_t
ws_utf8_judge(ws_utf8 *utf8, const uint8_t *data, size_t n)
{
    size_t i = 0;

    while (i < n) {
        if (utf8->missing) {
            if (!proceed(utf8, data[i])) {
                return i;
            }
            i++;
        }
        else if (data[i] >= 0x80) {
            if (!begin(utf8, data[i])) {
                return i;
            }
            i++;
        }
        else {
            i += ascii_prefix(data + i, n - i);
        }
    }
    return n;
}
