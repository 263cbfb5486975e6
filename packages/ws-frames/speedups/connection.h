/* What is asked of a connection, an object of ws_frames.connection. */

#ifndef WS_FRAMES_CONNECTION_H
#define WS_FRAMES_CONNECTION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "state.h"

/* A connection, or NULL, and where it keeps what it is asked for with each message: pointers
 * into the object, or NULL for what has to be asked for by name. */
typedef struct {
    PyObject *object;
    PyObject **phase;
    PyObject **pending;
    PyObject **parser;
    PyObject **decoder;
} ws_connection;

/* Hold another object than before. Return 0, or -1 with an exception. */
int ws_connection_set(ws_connection *self, const ws_state *state, PyObject *object);

/* Whether messages can be sent and received, or -1. */
int ws_is_open(const ws_state *state, const ws_connection *connection);

/* Whether something that was received waits to be taken, or -1. */
int ws_is_pending(const ws_state *state, const ws_connection *connection);

/* What parses what is received: a new reference, or NULL. */
PyObject *ws_parser_of(const ws_state *state, const ws_connection *connection);

/* What makes messages of frames: the same. */
PyObject *ws_decoder_of(const ws_state *state, const ws_connection *connection);

#endif
