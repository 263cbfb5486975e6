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
    PyObject *ConnectionClosedOK;
    PyObject *OPEN;         /* the member of Phase */
    PyTypeObject *Parser;   /* the types of this module */
    PyTypeObject *Inbox;
    PyTypeObject *Recv;
    PyTypeObject *Messages;
    PyTypeObject *Outbox;
    PyTypeObject *Send;
    PyTypeObject *Waiter;
    PyTypeObject *Stepper;
    PyObject *compress_keyword;  /* ("compress",) */
    PyObject *context_keyword;   /* ("context",) */

    /* Names of attributes and methods, each the string that it is called. */
    PyObject *args;
    PyObject *call_soon;
    PyObject *cancel;
    PyObject *close;
    PyObject *cr_await;
    PyObject *cr_frame;
    PyObject *decoder;
    PyObject *drain;
    PyObject *end_turn;
    PyObject *is_closing;
    PyObject *note_large_read;
    PyObject *note_work;
    PyObject *parsed;
    PyObject *parser;
    PyObject *pending;
    PyObject *phase;
    PyObject *pump;
    PyObject *raise_error;
    PyObject *receive_slowly;
    PyObject *schedule_rest;
    PyObject *send;
    PyObject *send_message;
    PyObject *send_slowly;
    PyObject *throw;
    PyObject *try_decode;
    PyObject *uncancel;
    PyObject *wait_for_message;
    PyObject *write;

    /* Keys that wait to be drawn: the first `left` bytes of `pool`. */
    uint8_t pool[WS_POOL_SIZE];
    size_t left;
#ifdef Py_GIL_DISABLED
    PyMutex pool_lock;
#endif
} ws_state;

#endif
