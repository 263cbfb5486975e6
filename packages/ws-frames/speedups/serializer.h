/* From a payload to the bytes of a frame, RFC 6455 section 5.2. */

#ifndef WS_FRAMES_SERIALIZER_H
#define WS_FRAMES_SERIALIZER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "state.h"

/* Make the frame of a whole message; masked says whether it gets a mask. Return NULL with
 * an exception where it is neither str nor bytes-like. */
PyObject *ws_encode_message(ws_state *state, PyObject *payload, bool masked);

/* Make the start of the frame of a binary message, without a mask: its header and its first
 * n bytes. */
PyObject *ws_encode_start(PyObject *payload, size_t n);

/* apply_mask() and encode_frame() */
extern PyMethodDef ws_serializer_methods[3];

#endif
