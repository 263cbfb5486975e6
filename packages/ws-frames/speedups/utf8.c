#include "utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Range of the byte behind the first one of a character; RFC 3629 section 4. */
static inline uint8_t
lowest_second(uint8_t lead)
{
    return lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;  /* not overlong */
}

static inline uint8_t
highest_second(uint8_t lead)
{
    return lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;  /* not a surrogate */
}

/* -------------------------------------------------------------------------- */
/* One byte after the other                                                   */

static bool
begin(ws_utf8 *utf8, uint8_t lead)
{
    if (lead < 0x80) {
        return true;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return false;  /* a continuation, an overlong form, or over U+10FFFF */
    }
    utf8->wide = true;
    utf8->seen = 1;
    utf8->missing = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    utf8->low = lowest_second(lead);
    utf8->high = highest_second(lead);
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

/* -------------------------------------------------------------------------- */
/* Many at once                                                               */

static size_t
ascii_prefix(const uint8_t *data, size_t n)
{
    uint64_t words[4];
    size_t i = 0;

    for (; n - i >= sizeof(words); i += sizeof(words)) {
        memcpy(words, data + i, sizeof(words));
        if ((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS) {
            break;
        }
    }
    while (i < n && data[i] < 0x80) {
        i++;
    }
    return i;
}

static inline bool
continues(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Size of the character that begins here, of which all bytes are there, if it is a good
 * one beyond ASCII; else 0. */
static inline size_t
good_char(const uint8_t *data)
{
    uint8_t lead = data[0];

    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    if (lead < 0xE0) {
        return continues(data[1]) ? 2 : 0;
    }
    if (data[1] < lowest_second(lead) || data[1] > highest_second(lead)
        || !continues(data[2]))
    {
        return 0;
    }
    if (lead < 0xF0) {
        return 3;
    }
    return continues(data[3]) ? 4 : 0;
}

/* Judge from between two characters until something is bad or near the end. */
static size_t
judge_fast(ws_utf8 *utf8, const uint8_t *data, size_t n)
{
    size_t i = 0, size;

    do {
        i += ascii_prefix(data + i, n - i);
        while (n - i >= 4 && (size = good_char(data + i)) != 0) {
            utf8->wide = true;
            i += size;
        }
    } while (n - i >= 4 && data[i] < 0x80);
    return i;
}

size_t
ws_utf8_judge(ws_utf8 *utf8, const uint8_t *data, size_t n)
{
    size_t i = 0;
    bool good;

    while (i < n) {
        if (utf8->missing) {
            good = proceed(utf8, data[i]);
        }
        else {
            i += judge_fast(utf8, data + i, n - i);
            if (i == n) {
                break;
            }
            good = begin(utf8, data[i]);
        }
        if (!good) {
            return i;
        }
        i++;
    }
    return n;
}
