/* What is asked of a connection, an object of ws_frames.connection. */

#ifndef WS_FRAMES_CONNECTION_H
#define WS_FRAMES_CONNECTION_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "state.h"

/* Whether messages can be sent and received, or -1. */
int ws_is_open(const ws_state *state, PyObject *connection);

/* Whether something that was received waits to be taken, or -1. */
int ws_is_pending(const ws_state *state, PyObject *connection);

#endif
