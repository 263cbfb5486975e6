/* What one copy of the module, in one interpreter, holds. */

#ifndef WS_FRAMES_STATE_H
#define WS_FRAMES_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

#define WS_POOL_SIZE 4096

typedef struct {
    /* Strong references, made when the module is executed and never changed. */
    PyObject *os;
    PyObject *Frame;
    PyObject *opcodes[16];  /* members of Opcode; NULL for reserved values */
    PyObject *ProtocolError;
    PyObject *InvalidUTF8;
    PyObject *PolicyViolation;
    PyObject *PayloadTooBig;

    /* Keys that wait to be drawn: the first `left` bytes of `pool`. */
    uint8_t pool[WS_POOL_SIZE];
    size_t left;
#ifdef Py_GIL_DISABLED
    PyMutex pool_lock;
#endif
} ws_state;

#endif
