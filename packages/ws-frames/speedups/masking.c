#include "masking.h"

#include <string.h>

/* Each block is loaded, combined and stored as whole words through memcpy, which
 * knows no alignment and breaks no aliasing rule. The loop over words has a fixed
 * trip count, so that the compiler unrolls it into the widest vectors it may use. */
#define WORDS 8
#define BLOCK (WORDS * sizeof(uint64_t))

static inline void
mask_block(uint8_t *dst, const uint8_t *src, uint64_t key)
{
    uint64_t words[WORDS];

    memcpy(words, src, BLOCK);
    for (size_t i = 0; i < WORDS; i++) {
        words[i] ^= key;
    }
    memcpy(dst, words, BLOCK);
}

static inline void
mask_word(uint8_t *dst, const uint8_t *src, uint64_t key)
{
    uint64_t word;

    memcpy(&word, src, sizeof(word));
    word ^= key;
    memcpy(dst, &word, sizeof(word));
}

void
ws_mask(uint8_t *dst, const uint8_t *src, size_t n,
        const uint8_t mask[WS_MASK_SIZE], size_t phase)
{
    /* The mask as it lies under any eight bytes from here on: blocks and words are
     * multiples of its size, so that it stays in step to the end. */
    uint8_t turned[sizeof(uint64_t)];
    uint64_t key;

    for (size_t i = 0; i < sizeof(turned); i++) {
        turned[i] = mask[(phase + i) % WS_MASK_SIZE];
    }
    memcpy(&key, turned, sizeof(key));

    for (; n >= BLOCK; n -= BLOCK) {
        mask_block(dst, src, key);
        dst += BLOCK;
        src += BLOCK;
    }
    for (; n >= sizeof(key); n -= sizeof(key)) {
        mask_word(dst, src, key);
        dst += sizeof(key);
        src += sizeof(key);
    }
    for (size_t i = 0; i < n; i++) {
        dst[i] = src[i] ^ turned[i];
    }
}
