/* Masking of payloads, RFC 6455 section 5.3. */

#ifndef WS_FRAMES_MASKING_H
#define WS_FRAMES_MASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_MASK_SIZE 4

/* Write src[i] ^ mask[(phase + i) % 4] to dst[i] for each i below n.
 *
 * phase is the place of src[0] in the payload, so that a payload can be masked in
 * pieces. The two must not overlap. */
void ws_mask(uint8_t *dst, const uint8_t *src, size_t n,
             const uint8_t mask[WS_MASK_SIZE], size_t phase);

/* The same, and tell whether all that was written is ASCII. */
bool ws_mask_ascii(uint8_t *dst, const uint8_t *src, size_t n,
                   const uint8_t mask[WS_MASK_SIZE], size_t phase);

#endif
