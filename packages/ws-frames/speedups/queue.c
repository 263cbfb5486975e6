/* The messages that an inbox holds: a ring that grows. */

#include "inbox.h"

#include <stdint.h>

#define FIRST_CAPACITY 8
#define KEPT_CAPACITY 1024

/* What sys.getsizeof() says of a message. */
static size_t
memory_of(PyObject *message)
{
    if (PyBytes_Check(message)) {
        return (size_t)Py_TYPE(message)->tp_basicsize + (size_t)PyBytes_GET_SIZE(message);
    }
    if (PyUnicode_Check(message)) {
        size_t units = (size_t)PyUnicode_GET_LENGTH(message) + 1;

        if (PyUnicode_IS_COMPACT_ASCII(message)) {
            return sizeof(PyASCIIObject) + units;
        }
        return sizeof(PyCompactUnicodeObject) + units * PyUnicode_KIND(message);
    }
    return (size_t)Py_TYPE(message)->tp_basicsize;
}

static int
grow(ws_inbox *self, size_t needed)
{
    size_t capacity = self->capacity == 0 ? FIRST_CAPACITY : self->capacity;
    PyObject **ring;

    while (capacity < needed) {
        capacity *= 2;
    }
    ring = PyMem_New(PyObject *, capacity);
    if (ring == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < self->count; i++) {
        ring[i] = self->ring[(self->first + i) & (self->capacity - 1)];
    }
    PyMem_Free(self->ring);
    self->ring = ring;
    self->capacity = capacity;
    self->first = 0;
    return 0;
}

int
ws_inbox_push(ws_inbox *self, PyObject *const *messages, size_t n)
{
    if (self->count + n > self->capacity && grow(self, self->count + n) < 0) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t place = (self->first + self->count) & (self->capacity - 1);

        self->size += memory_of(messages[i]);
        Py_INCREF(messages[i]);
        self->ring[place] = messages[i];
        self->count++;
    }
    return 0;
}

void
ws_inbox_drop(ws_inbox *self, size_t n)
{
    while (n--) {
        self->count--;
        Py_DECREF(self->ring[(self->first + self->count) & (self->capacity - 1)]);
    }
}

PyObject *
ws_inbox_pop(ws_inbox *self)
{
    PyObject *message = self->ring[self->first];

    self->first = (self->first + 1) & (self->capacity - 1);
    self->count--;
    if (self->count == 0 && self->capacity > KEPT_CAPACITY) {
        PyMem_Free(self->ring);
        self->ring = NULL;
        self->capacity = self->first = 0;
    }
    return message;
}

size_t
ws_inbox_room(ws_inbox *self)
{
    if (self->ended) {
        return 0;
    }
    if (self->count == 0) {
        self->size = 0;
        return self->max_queue;
    }
    if (self->size > self->max_bytes / 2 || self->count >= self->max_queue) {
        return 0;
    }
    return self->max_queue - self->count;
}
