#include "serializer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "masking.h"
#include "masks.h"
#include "state.h"

#define MASKED 0x80
#define MAX_HEADER 14
#define FIN_TEXT 0x81
#define FIN_BINARY 0x82

/* -------------------------------------------------------------------------- */
/* Masks                                                                      */

/* Copy the key out of a bytes-like object. Return 0, or -1 with an exception. */
static int
read_key(PyObject *object, uint8_t key[WS_MASK_SIZE])
{
    Py_buffer view;
    Py_ssize_t size;

    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    size = view.len;
    if (size == WS_MASK_SIZE) {
        memcpy(key, view.buf, WS_MASK_SIZE);
    }
    PyBuffer_Release(&view);
    if (size != WS_MASK_SIZE) {
        PyErr_Format(PyExc_ValueError, "mask is %zd bytes long, must be %d",
                     size, WS_MASK_SIZE);
        return -1;
    }
    return 0;
}

PyDoc_STRVAR(apply_mask_doc,
"apply_mask(data, mask, /)\n"
"--\n"
"\n"
"Mask or unmask data: XOR of each byte with one of the four of mask (RFC 6455 5.3).");

static PyObject *
apply_mask(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    PyObject *result = NULL;
    uint8_t key[WS_MASK_SIZE];

    if (nargs != 2) {
        return PyErr_Format(PyExc_TypeError,
                            "apply_mask() takes 2 arguments, got %zd", nargs);
    }
    if (PyObject_GetBuffer(args[0], &data, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (read_key(args[1], key) == 0) {
        /* A bytes object of one byte may be shared, but not one that was made without
         * content: nobody else has seen this one. */
        result = PyBytes_FromStringAndSize(NULL, data.len);
    }
    if (result != NULL) {
        ws_mask((uint8_t *)PyBytes_AS_STRING(result), data.buf, (size_t)data.len,
                key, 0);
    }
    PyBuffer_Release(&data);
    return result;
}

/* -------------------------------------------------------------------------- */
/* Frames                                                                     */

/* Where the bytes of a payload are, and what keeps them there. */
typedef struct {
    const uint8_t *data;
    Py_ssize_t size;
    PyObject *owner;   /* or NULL */
    Py_buffer view;    /* its obj is NULL unless it is held */
} Source;

static void
release_source(Source *source)
{
    Py_XDECREF(source->owner);
    if (source->view.obj != NULL) {
        PyBuffer_Release(&source->view);
    }
}

/* Take over a bytes object, or NULL with an exception. */
static int
own_bytes(Source *source, PyObject *bytes)
{
    if (bytes == NULL) {
        return -1;
    }
    source->owner = bytes;
    source->data = (const uint8_t *)PyBytes_AS_STRING(bytes);
    source->size = PyBytes_GET_SIZE(bytes);
    return 0;
}

static int
open_buffer(Source *source, PyObject *payload)
{
    if (PyObject_GetBuffer(payload, &source->view, PyBUF_SIMPLE) == 0) {
        source->data = source->view.buf;
        source->size = source->view.len;
        return 0;
    }
    source->view.obj = NULL;
    if (!PyErr_ExceptionMatches(PyExc_BufferError)) {
        return -1;
    }
    PyErr_Clear();  /* it isn't contiguous: have it joined */
    return own_bytes(source, PyBytes_FromObject(payload));
}

static int
open_source(Source *source, PyObject *payload)
{
    source->owner = NULL;
    source->view.obj = NULL;
    if (!PyUnicode_Check(payload)) {
        return open_buffer(source, payload);
    }
    if (PyUnicode_IS_COMPACT_ASCII(payload)) {
        source->data = PyUnicode_1BYTE_DATA(payload);
        source->size = PyUnicode_GET_LENGTH(payload);
        return 0;
    }
    return own_bytes(source, PyUnicode_AsUTF8String(payload));
}

/* Return 0 to 255, or -1 with an exception. */
static int
read_head(PyObject *object)
{
    PyObject *index;
    int overflow;
    long head;

    index = PyNumber_Index(object);
    if (index == NULL) {
        return -1;
    }
    head = PyLong_AsLongAndOverflow(index, &overflow);
    if (overflow || head < 0 || head > 0xFF) {
        PyErr_Format(PyExc_ValueError, "head is %S, must be 0 to 255", index);
        head = -1;
    }
    Py_DECREF(index);
    return (int)head;
}

/* Write first byte and length as short as it goes; return the size. */
static size_t
write_header(uint8_t *out, int head, uint64_t length, int masked)
{
    int size;

    out[0] = (uint8_t)head;
    if (length < 126) {
        out[1] = (uint8_t)(masked | (int)length);
        return 2;
    }
    size = length < 65536 ? 2 : 8;
    out[1] = (uint8_t)(masked | (size == 2 ? 126 : 127));
    for (int i = 0; i < size; i++) {
        out[2 + i] = (uint8_t)(length >> (8 * (size - 1 - i)));
    }
    return 2 + (size_t)size;
}

/* One frame; key is NULL for none. */
static PyObject *
make_frame(int head, const Source *source, const uint8_t *key)
{
    uint8_t header[MAX_HEADER];
    size_t size, length = (size_t)source->size;
    PyObject *frame;
    uint8_t *out;

    if (source->size > PY_SSIZE_T_MAX / 2) {
        return PyErr_NoMemory();
    }
    size = write_header(header, head, length, key == NULL ? 0 : MASKED);
    if (key != NULL) {
        memcpy(header + size, key, WS_MASK_SIZE);
        size += WS_MASK_SIZE;
    }
    frame = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(size + length));
    if (frame == NULL) {
        return NULL;
    }
    out = (uint8_t *)PyBytes_AS_STRING(frame);
    memcpy(out, header, size);
    if (key != NULL) {
        ws_mask(out + size, source->data, length, key, 0);
    }
    else if (length) {
        memcpy(out + size, source->data, length);
    }
    return frame;
}

PyObject *
ws_encode_message(ws_state *state, PyObject *payload, bool masked)
{
    Source source;
    PyObject *frame = NULL;
    uint8_t key[WS_MASK_SIZE];
    int head = PyUnicode_Check(payload) ? FIN_TEXT : FIN_BINARY;

    /* The key comes first: nothing may run in between that could change the payload. */
    if (masked && ws_draw_mask(state, key) < 0) {
        return NULL;
    }
    if (open_source(&source, payload) == 0) {
        frame = make_frame(head, &source, masked ? key : NULL);
    }
    release_source(&source);
    return frame;
}

PyObject *
ws_encode_start(PyObject *payload, size_t n)
{
    uint8_t header[MAX_HEADER];
    size_t size = write_header(header, FIN_BINARY, (uint64_t)PyBytes_GET_SIZE(payload), 0);
    PyObject *start = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(size + n));

    if (start != NULL) {
        memcpy(PyBytes_AS_STRING(start), header, size);
        memcpy(PyBytes_AS_STRING(start) + size, PyBytes_AS_STRING(payload), n);
    }
    return start;
}

PyDoc_STRVAR(encode_frame_doc,
"encode_frame(head, payload, mask=False, /)\n"
"--\n"
"\n"
"Make a frame: header, mask and payload in one bytes (RFC 6455 5.2).\n"
"\n"
"head is the first byte. A str is encoded to UTF-8. mask is True for a fresh key,\n"
"False for none, or the four bytes of a key.");

static PyObject *
encode_frame(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Source source;
    PyObject *mask, *frame = NULL;
    uint8_t key[WS_MASK_SIZE];
    int head, drawn;

    if (nargs != 2 && nargs != 3) {
        return PyErr_Format(PyExc_TypeError,
                            "encode_frame() takes 2 or 3 arguments, got %zd", nargs);
    }
    mask = nargs == 3 ? args[2] : Py_False;
    head = read_head(args[0]);
    if (head < 0) {
        return NULL;
    }
    /* The key comes first: nothing may run in between that could change the payload. */
    if (mask == Py_False) {
        drawn = 0;
    }
    else if (mask == Py_True) {
        drawn = ws_draw_mask(PyModule_GetState(module), key);
    }
    else {
        drawn = read_key(mask, key);
    }
    if (drawn < 0) {
        return NULL;
    }
    if (open_source(&source, args[1]) == 0) {
        frame = make_frame(head, &source, mask == Py_False ? NULL : key);
    }
    release_source(&source);
    return frame;
}

PyMethodDef ws_serializer_methods[3] = {
    {"apply_mask", (PyCFunction)(void (*)(void))apply_mask, METH_FASTCALL,
     apply_mask_doc},
    {"encode_frame", (PyCFunction)(void (*)(void))encode_frame, METH_FASTCALL,
     encode_frame_doc},
    {NULL, NULL, 0, NULL},
};
