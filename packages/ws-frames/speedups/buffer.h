/* A payload that comes in pieces, and grows into the object that is handed out. */

#ifndef WS_FRAMES_BUFFER_H
#define WS_FRAMES_BUFFER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the final size isn't known. */
#define WS_UNKNOWN UINT64_MAX

/* All zeroes is an empty one. */
typedef struct {
    PyObject *object;  /* what will be handed out: bytes, or a str as if it were ASCII */
    uint8_t *data;     /* inside of object */
    size_t size;
    size_t capacity;
} ws_buffer;

/* Give room for n more bytes, which the caller has at hand and must write. `total` is
 * the final size, or WS_UNKNOWN. Return NULL with an exception on failure;
 * what was there is lost then. */
uint8_t *ws_buffer_extend(ws_buffer *buffer, size_t n, uint64_t total, bool text);

/* Give the content, which isn't empty, as an object, and leave the buffer empty, also on
 * failure. */
PyObject *ws_buffer_take_bytes(ws_buffer *buffer);
PyObject *ws_buffer_take_text(ws_buffer *buffer, bool wide);

void ws_buffer_clear(ws_buffer *buffer);

#endif
