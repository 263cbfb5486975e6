#include "buffer.h"

#include <string.h>

/* From this size on it grows by an eighth at a time, to stay near the size of what it
 * holds; below it doubles. Both make the cost of a byte constant. */
#define LARGE ((size_t)1 << 20)

#define MAX_SIZE ((size_t)PY_SSIZE_T_MAX / 2)

void
ws_buffer_clear(ws_buffer *buffer)
{
    if (buffer->object != NULL) {
        Py_DECREF(buffer->object);
    }
    else {
        PyMem_Free(buffer->data);
    }
    memset(buffer, 0, sizeof(*buffer));
}

/* -------------------------------------------------------------------------- */
/* Growing                                                                    */

static int
become_object(ws_buffer *buffer, size_t total, bool text)
{
    PyObject *object;
    uint8_t *data;

    /* Nobody else sees the object before it is complete: neither bytes nor str are
     * tracked by the garbage collector. */
    if (text) {
        object = PyUnicode_New((Py_ssize_t)total, 0x7F);
        data = object == NULL ? NULL : (uint8_t *)PyUnicode_DATA(object);
    }
    else {
        object = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)total);
        data = object == NULL ? NULL : (uint8_t *)PyBytes_AS_STRING(object);
    }
    if (object == NULL) {
        return -1;
    }
    if (buffer->size) {
        memcpy(data, buffer->data, buffer->size);
    }
    PyMem_Free(buffer->data);
    buffer->object = object;
    buffer->data = data;
    buffer->capacity = total;
    return 0;
}

static int
grow(ws_buffer *buffer, size_t needed, uint64_t total, bool text)
{
    size_t capacity;
    uint8_t *data;

    /* Once half of it is there, the rest is worth its memory: a length that is merely
     * declared costs nothing. */
    if (total <= MAX_SIZE && total - needed <= needed) {
        return become_object(buffer, (size_t)total, text);
    }
    capacity = buffer->size + (buffer->size < LARGE ? buffer->size : buffer->size / 8);
    if (capacity < needed) {
        capacity = needed;
    }
    data = PyMem_Realloc(buffer->data, capacity);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
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
take_object(ws_buffer *buffer)
{
    PyObject *object = buffer->object;

    memset(buffer, 0, sizeof(*buffer));
    return object;
}

PyObject *
ws_buffer_take_bytes(ws_buffer *buffer)
{
    PyObject *object;

    if (buffer->object != NULL) {
        return take_object(buffer);
    }
    object = PyBytes_FromStringAndSize((const char *)buffer->data,
                                       (Py_ssize_t)buffer->size);
    ws_buffer_clear(buffer);
    return object;
}

PyObject *
ws_buffer_take_text(ws_buffer *buffer, bool wide)
{
    PyObject *object;

    if (!wide && buffer->object != NULL) {
        return take_object(buffer);
    }
    if (wide) {
        object = PyUnicode_DecodeUTF8((const char *)buffer->data,
                                      (Py_ssize_t)buffer->size, NULL);
    }
    else {
        object = PyUnicode_New((Py_ssize_t)buffer->size, 0x7F);
        if (object != NULL && buffer->size) {
            memcpy(PyUnicode_DATA(object), buffer->data, buffer->size);
        }
    }
    ws_buffer_clear(buffer);
    return object;
}
