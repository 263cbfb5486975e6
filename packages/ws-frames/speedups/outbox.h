/* Messages and frames on their way out: the C twin of ws_frames.pure.outbox. */

#ifndef WS_FRAMES_OUTBOX_H
#define WS_FRAMES_OUTBOX_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

#include "inbox.h"
#include "state.h"

/* How messages become frames. */
typedef enum {
    WS_BY_CONNECTION,  /* its send_message() makes them */
    WS_UNMASKED,
    WS_WITH_MASK,
} ws_encoding;

typedef struct ws_outbox {
    PyObject_HEAD
    ws_state *state;       /* lives as long as the type, which we hold */
    PyObject *sink;
    PyObject *call_soon;
    ws_inbox *inbox;
    ws_connection connection;  /* there is none before open() */
    ws_encoding encoding;

    PyObject *large;       /* the rest of a large piece, a memoryview, or NULL */
    PyObject *gathered;    /* a list of bytes, or NULL */
    Py_ssize_t size;
    Py_ssize_t gather_size;
    bool scheduled;
    bool dividing;         /* whether a part of a large piece is being handed over */
    PyObject *spare;       /* the last send() that finished: when nobody has it, it is used again */

    /* As the attributes of these names. */
    char paused;
    char held;
    char traced;
} ws_outbox;

/* Write, or gather if there is more to come. Return 0, or -1 with an exception. */
int ws_outbox_write(ws_outbox *self, PyObject *data, bool more);

/* Whether a message goes without a copy of most of it: of bytes, which nobody changes, and
 * large, and nothing is to be done to it. */
bool ws_outbox_shares(const ws_outbox *self, PyObject *message);

/* Write such a message. Return 0, or -1 with an exception. */
int ws_outbox_share(ws_outbox *self, PyObject *message);

/* Write what was gathered, if the sink can take it. Return 0, or -1 with an exception. */
int ws_outbox_flush(ws_outbox *self);

/* The coroutine that send() gives. */
PyObject *ws_send_new(ws_outbox *outbox, PyObject *sender, PyObject *message, bool compress);

extern PyType_Spec ws_outbox_spec;
extern PyType_Spec ws_send_spec;

#endif
