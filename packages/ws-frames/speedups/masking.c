#include "masking.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LONG 1024

/* GCC and Clang split vectors into what the machine has. With AVX2 these mask at about the
 * speed of memcpy() from 4 KiB on, where that isn't "rep movsb"; with plain x86-64 at two
 * thirds of it as long as the data is in the cache; wider ones gain nothing.
 * tools/bench_frames.py measures it, and WS_FRAMES_BASELINE leaves the choice out, so that
 * both can be tested. */
#if defined(__GNUC__)
#  define INLINE inline __attribute__((always_inline))
typedef uint64_t Vector __attribute__((vector_size(32)));
#  if defined(__x86_64__) && !defined(WS_FRAMES_BASELINE)
#    define WITH_AVX2 1
#  endif
#else
#  define INLINE inline
typedef uint64_t Vector;
#endif

/* Loads and stores go through memcpy(), which knows no alignment and breaks no aliasing
 * rule. All steps but the last are multiples of the mask, so that it stays in step. */
#define MASK(type, key, place, all)                 \
    do {                                            \
        type unit_;                                 \
        memcpy(&unit_, src + (place), sizeof(type)); \
        unit_ ^= (key);                             \
        if (look) {                                 \
            (all) |= unit_;                         \
        }                                           \
        memcpy(dst + (place), &unit_, sizeof(type)); \
    } while (0)

#define BLOCK (4 * sizeof(Vector))

/* Whether what is read next would be taken for what was just written, and wait for it: processors
 * compare the last twelve bits of addresses first. The other way round nothing waits. */
static INLINE bool
is_behind(const uint8_t *dst, const uint8_t *src)
{
    return (((uintptr_t)dst - (uintptr_t)src) & 4095) < 4 * BLOCK;
}

/* Return all that was written, or-ed together to eight bytes, if `look` is true. */
static INLINE uint64_t
mask_all(uint8_t *restrict dst, const uint8_t *restrict src, size_t n,
         const uint8_t turned[WS_MASK_SIZE], bool look)
{
    uint8_t repeated[sizeof(Vector)];
    uint64_t words[sizeof(Vector) / sizeof(uint64_t)];
    Vector vector, found = {0};
    uint64_t word, all = 0;
    size_t blocks = n / BLOCK, place = 0, step = BLOCK;

    for (size_t i = 0; i < sizeof(repeated); i += WS_MASK_SIZE) {
        memcpy(repeated + i, turned, WS_MASK_SIZE);
    }
    memcpy(&vector, repeated, sizeof(vector));
    memcpy(&word, repeated, sizeof(word));

    if (blocks && is_behind(dst, src)) {
        place = (blocks - 1) * BLOCK;
        step = -BLOCK;
    }
    for (size_t i = 0; i < blocks; i++) {
        MASK(Vector, vector, place, found);
        MASK(Vector, vector, place + sizeof(Vector), found);
        MASK(Vector, vector, place + 2 * sizeof(Vector), found);
        MASK(Vector, vector, place + 3 * sizeof(Vector), found);
        place += step;
    }
    dst += blocks * BLOCK;
    src += blocks * BLOCK;
    n %= BLOCK;
    for (; n >= sizeof(Vector); n -= sizeof(Vector)) {
        MASK(Vector, vector, 0, found);
        dst += sizeof(Vector);
        src += sizeof(Vector);
    }
    for (; n >= sizeof(word); n -= sizeof(word)) {
        MASK(uint64_t, word, 0, all);
        dst += sizeof(word);
        src += sizeof(word);
    }
    for (size_t i = 0; i < n; i++) {
        dst[i] = src[i] ^ repeated[i];
        all |= dst[i];
    }
    memcpy(words, &found, sizeof(words));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        all |= words[i];
    }
    return all;
}

static uint64_t
mask_plain(uint8_t *dst, const uint8_t *src, size_t n,
           const uint8_t turned[WS_MASK_SIZE], bool look)
{
    return look ? mask_all(dst, src, n, turned, true)
                : mask_all(dst, src, n, turned, false);
}

#ifdef WITH_AVX2
__attribute__((target("avx2"))) static uint64_t
mask_avx2(uint8_t *dst, const uint8_t *src, size_t n,
          const uint8_t turned[WS_MASK_SIZE], bool look)
{
    return look ? mask_all(dst, src, n, turned, true)
                : mask_all(dst, src, n, turned, false);
}
#endif

static uint64_t
mask_from(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t mask[WS_MASK_SIZE],
          size_t phase, bool look)
{
    uint8_t turned[WS_MASK_SIZE];

    for (size_t i = 0; i < WS_MASK_SIZE; i++) {
        turned[i] = mask[(phase + i) % WS_MASK_SIZE];
    }
#ifdef WITH_AVX2
    if (__builtin_cpu_supports("avx2")) {
        return mask_avx2(dst, src, n, turned, look);
    }
#endif
    return mask_plain(dst, src, n, turned, look);
}

/* The data of an object begins in the middle of a line of the cache. Of stores to what is no
 * multiple of their size, some go to two lines, and take longer for that; so what is long is
 * masked up to such a multiple first. Loads matter less. */
static uint64_t
mask_aligned(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t mask[WS_MASK_SIZE],
             size_t phase, bool look)
{
    size_t head = n < LONG ? 0 : -(uintptr_t)dst % sizeof(Vector);
    uint64_t all = head ? mask_from(dst, src, head, mask, phase, look) : 0;

    return all | mask_from(dst + head, src + head, n - head, mask, phase + head, look);
}

void
ws_mask(uint8_t *dst, const uint8_t *src, size_t n,
        const uint8_t mask[WS_MASK_SIZE], size_t phase)
{
    mask_aligned(dst, src, n, mask, phase, false);
}

bool
ws_mask_ascii(uint8_t *dst, const uint8_t *src, size_t n,
              const uint8_t mask[WS_MASK_SIZE], size_t phase)
{
    return (mask_aligned(dst, src, n, mask, phase, true) & HIGH_BITS) == 0;
}
