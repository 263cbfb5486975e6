/* What goes on with a coroutine where its task needn't be asked: the C twin of
 * ws_frames.pure.stepper. */

#ifndef WS_FRAMES_STEPPER_H
#define WS_FRAMES_STEPPER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "waiter.h"

/* Go on with the coroutine, as its task does. Return 1 if it waits for the waiter again, 0 if
 * its task is to be told what it did; or -1 with an exception, without a step. */
int ws_stepper_step(PyObject *stepper, ws_waiter *waiter);

extern PyType_Spec ws_stepper_spec;

#endif
