#include "buffer.h"

#include <string.h>

/* From this size on it grows by an eighth at a time, to stay near the size of what it
 * holds; below it doubles. Both make the cost of a byte constant. */
#define LARGE ((size_t)1 << 20)

#define MAX_SIZE ((size_t)PY_SSIZE_T_MAX / 2)

void
ws_buffer_clear(ws_buffer *buffer)
{
    Py_XDECREF(buffer->object);
    memset(buffer, 0, sizeof(*buffer));
}

/* Give the object, made or unmade, so many bytes. Nobody else sees it before it is
 * complete: neither bytes nor str are tracked by the garbage collector. */
static int
resize(ws_buffer *buffer, size_t capacity, bool text)
{
    Py_ssize_t size = (Py_ssize_t)capacity;
    int result = 0;

    if (buffer->object == NULL) {
        buffer->object = text ? PyUnicode_New(size, 0x7F)
                              : PyBytes_FromStringAndSize(NULL, size);
    }
    else {
        result = text ? PyUnicode_Resize(&buffer->object, size)
                      : _PyBytes_Resize(&buffer->object, size);
    }
    if (result < 0 || buffer->object == NULL) {
        ws_buffer_clear(buffer);
        return -1;
    }
    buffer->data = text ? (uint8_t *)PyUnicode_DATA(buffer->object)
                        : (uint8_t *)PyBytes_AS_STRING(buffer->object);
    buffer->capacity = capacity;
    return 0;
}

/* -------------------------------------------------------------------------- */
/* Growing                                                                    */

static int
grow(ws_buffer *buffer, size_t needed, uint64_t total, bool text)
{
    size_t capacity;

    /* Once half of it is there, the rest is worth its memory: a length that is merely
     * declared costs nothing. */
    if (total <= MAX_SIZE && total - needed <= needed) {
        return resize(buffer, (size_t)total, text);
    }
    capacity = buffer->size + (buffer->size < LARGE ? buffer->size : buffer->size / 8);
    return resize(buffer, capacity < needed ? needed : capacity, text);
}

uint8_t *
ws_buffer_extend(ws_buffer *buffer, size_t n, uint64_t total, bool text)
{
    uint8_t *room;

    if (n > MAX_SIZE - buffer->size) {
        PyErr_NoMemory();
        return NULL;
    }
    if (n > buffer->capacity - buffer->size
        && grow(buffer, buffer->size + n, total, text) < 0)
    {
        return NULL;
    }
    room = buffer->data + buffer->size;
    buffer->size += n;
    return room;
}

/* -------------------------------------------------------------------------- */
/* Handing out                                                                */

static PyObject *
take(ws_buffer *buffer, bool text)
{
    PyObject *object;

    if (buffer->size != buffer->capacity && resize(buffer, buffer->size, text) < 0) {
        return NULL;
    }
    object = buffer->object;
    memset(buffer, 0, sizeof(*buffer));
    return object;
}

PyObject *
ws_buffer_take_bytes(ws_buffer *buffer)
{
    return take(buffer, false);
}

PyObject *
ws_buffer_take_text(ws_buffer *buffer, bool wide)
{
    PyObject *object;

    if (!wide) {
        return take(buffer, true);
    }
    object = PyUnicode_DecodeUTF8((const char *)buffer->data, (Py_ssize_t)buffer->size,
                                  NULL);
    ws_buffer_clear(buffer);
    return object;
}
