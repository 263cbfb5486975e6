/* Messages that were received and wait to be taken: the C twin of ws_frames.pure.inbox. */

#ifndef WS_FRAMES_INBOX_H
#define WS_FRAMES_INBOX_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

#include "connection.h"
#include "parser.h"
#include "state.h"
#include "waiter.h"

#define WS_NOTABLE_WORK 64
#define WS_MAX_WORK 256

struct ws_outbox;

typedef struct {
    PyObject_HEAD
    const ws_state *state;  /* lives as long as the type, which we hold */
    size_t max_queue;
    size_t max_bytes;

    /* A ring: `count` messages from `first` on; its capacity is a power of two, or 0. */
    PyObject **ring;
    size_t capacity;
    size_t first;
    size_t count;
    size_t left;            /* of what receive() parsed last, and had no room */
    size_t size;            /* bytes of memory that messages take; some may be gone */

    bool ended;
    bool taken;

    /* As the attributes of these names. */
    char stopped;
    char traced;
    Py_ssize_t work;
    PyObject *buffer;       /* NULL for None */

    /* Where messages come from between open() and close(), else NULL. */
    PyObject *source;
    ws_connection connection;
    ws_waiter *waiter;
    struct ws_outbox *outbox;
} ws_inbox;

/* queue.c: how many messages there is room for, add some, take back those that were added
 * last, and take the next one out, which there must be. */
size_t ws_inbox_room(ws_inbox *self);
int ws_inbox_push(ws_inbox *self, PyObject *const *messages, size_t n);
void ws_inbox_drop(ws_inbox *self, size_t n);
PyObject *ws_inbox_pop(ws_inbox *self);

/* Take over what a parser gave, or NULL with an exception, and have what makes messages of
 * frames do so, unless that is None; return what is left to do, None if nothing is, or NULL. */
PyObject *ws_inbox_add(ws_inbox *self, const ws_parser *parser, PyObject *parsed,
                       PyObject *decoder);

/* arrival.c: methods that take bytes. */
PyObject *ws_inbox_receive(ws_inbox *self, PyObject *data);
PyObject *ws_inbox_get_buffer(ws_inbox *self, PyObject *sizehint);
PyObject *ws_inbox_buffer_updated(ws_inbox *self, PyObject *nbytes);

/* Say how to wait for a message, as the source does: what a coroutine yields, or None where
 * it has to look again. */
PyObject *ws_inbox_wait(ws_inbox *self, PyObject *source);

/* The coroutine that recv() gives, and the iterator that messages() gives. */
PyObject *ws_recv_new(ws_inbox *inbox, PyObject *source);
PyObject *ws_messages_new(ws_inbox *inbox, PyObject *source);

extern PyType_Spec ws_inbox_spec;
extern PyType_Spec ws_recv_spec;
extern PyType_Spec ws_messages_spec;

#endif
