/* Keys that mask what a client sends, RFC 6455 sections 5.3 and 10.3. */

#ifndef WS_FRAMES_MASKS_H
#define WS_FRAMES_MASKS_H

#include "masking.h"
#include "state.h"

/* Draw a key that nobody can predict. Return 0, or -1 with an exception. */
int ws_draw_mask(ws_state *state, uint8_t mask[WS_MASK_SIZE]);

/* new_mask() and forget_masks() */
extern PyMethodDef ws_masks_methods[3];

#endif
