/* From a payload to the bytes of a frame, RFC 6455 section 5.2. */

#ifndef WS_FRAMES_SERIALIZER_H
#define WS_FRAMES_SERIALIZER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* apply_mask() and encode_frame() */
extern PyMethodDef ws_serializer_methods[3];

#endif
