/* ws_frames._speedups: the C twins of ws_frames.pure. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

#include "compat.h"
#include "inbox.h"
#include "masks.h"
#include "outbox.h"
#include "parser.h"
#include "serializer.h"
#include "state.h"
#include "stepper.h"
#include "waiter.h"

/* -------------------------------------------------------------------------- */
/* State                                                                      */

/* Put an attribute of a module into *slot. */
static int
import_name(PyObject **slot, const char *module, const char *name)
{
    PyObject *imported = PyImport_ImportModule(module);

    if (imported == NULL) {
        return -1;
    }
    *slot = PyObject_GetAttrString(imported, name);
    Py_DECREF(imported);
    return *slot == NULL ? -1 : 0;
}

static int
import_opcodes(ws_state *state)
{
    static const int opcodes[] = {0x0, 0x1, 0x2, 0x8, 0x9, 0xA};
    PyObject *type;
    int result = 0;

    if (import_name(&type, "ws_frames.opcodes", "Opcode") < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(opcodes) && result == 0; i++) {
        int opcode = opcodes[i];
        state->opcodes[opcode] = PyObject_CallFunction(type, "i", opcode);
        result = state->opcodes[opcode] == NULL ? -1 : 0;
    }
    Py_DECREF(type);
    return result;
}

/* Put a member of Phase into *slot. */
static int
import_open(PyObject **slot)
{
    PyObject *type;

    if (import_name(&type, "ws_frames.phases", "Phase") < 0) {
        return -1;
    }
    *slot = PyObject_GetAttrString(type, "OPEN");
    Py_DECREF(type);
    return *slot == NULL ? -1 : 0;
}

static int
import_names(ws_state *state)
{
    const char *exceptions = "ws_frames.exceptions";

    state->os = PyImport_ImportModule("os");
    if (state->os == NULL
        || import_name(&state->Frame, "ws_frames.frames", "Frame") < 0
        || import_name(&state->ProtocolError, exceptions, "ProtocolError") < 0
        || import_name(&state->InvalidUTF8, exceptions, "InvalidUTF8") < 0
        || import_name(&state->PolicyViolation, exceptions, "PolicyViolation") < 0
        || import_name(&state->PayloadTooBig, exceptions, "PayloadTooBig") < 0
        || import_name(&state->ConnectionClosedOK, exceptions, "ConnectionClosedOK") < 0
        || import_open(&state->OPEN) < 0)
    {
        return -1;
    }
    /* make_frame() of the parser goes around its __new__. */
    if (!PyType_Check(state->Frame)
        || !PyType_IsSubtype((PyTypeObject *)state->Frame, &PyTuple_Type))
    {
        PyErr_SetString(PyExc_TypeError, "ws_frames.frames.Frame must be a tuple");
        return -1;
    }
    return import_opcodes(state);
}

#define NAME(name) {#name, offsetof(ws_state, name)}
#define HIDDEN(name) {"_" #name, offsetof(ws_state, name)}

static const struct {
    const char *text;
    size_t offset;
} names[] = {
    NAME(args), NAME(call_soon), NAME(cancel), NAME(close), NAME(cr_await), NAME(cr_frame),
    HIDDEN(decoder), HIDDEN(drain), NAME(end_turn), NAME(is_closing), HIDDEN(note_large_read),
    HIDDEN(note_work), HIDDEN(parsed), HIDDEN(parser), NAME(pending), NAME(phase), HIDDEN(pump),
    HIDDEN(raise_error), HIDDEN(receive_slowly), HIDDEN(schedule_rest), NAME(send),
    NAME(send_message), HIDDEN(send_slowly), NAME(throw), NAME(try_decode), NAME(uncancel),
    HIDDEN(wait_for_message), NAME(write),
};

/* Where in the state the i-th name is. */
static PyObject **
name_slot(ws_state *state, size_t i)
{
    return (PyObject **)(void *)((char *)state + names[i].offset);
}

static int
make_names(ws_state *state)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *name = PyUnicode_InternFromString(names[i].text);

        if (name == NULL) {
            return -1;
        }
        *name_slot(state, i) = name;
    }
    state->compress_keyword = Py_BuildValue("(s)", "compress");
    state->context_keyword = Py_BuildValue("(s)", "context");
    return state->compress_keyword == NULL || state->context_keyword == NULL ? -1 : 0;
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    ws_state *state = PyModule_GetState(module);

    Py_VISIT(state->os);
    Py_VISIT(state->Frame);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(state->opcodes); i++) {
        Py_VISIT(state->opcodes[i]);
    }
    Py_VISIT(state->ProtocolError);
    Py_VISIT(state->InvalidUTF8);
    Py_VISIT(state->PolicyViolation);
    Py_VISIT(state->PayloadTooBig);
    Py_VISIT(state->ConnectionClosedOK);
    Py_VISIT(state->OPEN);
    Py_VISIT(state->Parser);
    Py_VISIT(state->Inbox);
    Py_VISIT(state->Recv);
    Py_VISIT(state->Messages);
    Py_VISIT(state->Outbox);
    Py_VISIT(state->Send);
    Py_VISIT(state->Waiter);
    Py_VISIT(state->Stepper);
    return 0;
}

static int
module_clear(PyObject *module)
{
    ws_state *state = PyModule_GetState(module);

    Py_CLEAR(state->os);
    Py_CLEAR(state->Frame);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(state->opcodes); i++) {
        Py_CLEAR(state->opcodes[i]);
    }
    Py_CLEAR(state->ProtocolError);
    Py_CLEAR(state->InvalidUTF8);
    Py_CLEAR(state->PolicyViolation);
    Py_CLEAR(state->PayloadTooBig);
    Py_CLEAR(state->ConnectionClosedOK);
    Py_CLEAR(state->OPEN);
    Py_CLEAR(state->Parser);
    Py_CLEAR(state->Inbox);
    Py_CLEAR(state->Recv);
    Py_CLEAR(state->Messages);
    Py_CLEAR(state->Outbox);
    Py_CLEAR(state->Send);
    Py_CLEAR(state->Waiter);
    Py_CLEAR(state->Stepper);
    Py_CLEAR(state->compress_keyword);
    Py_CLEAR(state->context_keyword);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        Py_CLEAR(*name_slot(state, i));
    }
    return 0;
}

static void
module_free(void *module)
{
    module_clear(module);
}

/* -------------------------------------------------------------------------- */
/* Module                                                                     */

/* Put a type into *slot, and into the module where it is public. */
static int
add_type(PyObject *module, PyTypeObject **slot, PyType_Spec *spec, bool public)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);

    if (type == NULL) {
        /* Where memory is short, some versions of Python forget to say so. */
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    *slot = type;
    return public ? PyModule_AddType(module, type) : PyType_Ready(type);
}

static int
module_exec(PyObject *module)
{
    ws_state *state = PyModule_GetState(module);

    if (import_names(state) < 0
        || make_names(state) < 0
        || PyModule_AddFunctions(module, ws_serializer_methods) < 0
        || PyModule_AddFunctions(module, ws_masks_methods) < 0
        || add_type(module, &state->Parser, &ws_parser_spec, true) < 0
        || add_type(module, &state->Inbox, &ws_inbox_spec, true) < 0
        || add_type(module, &state->Recv, &ws_recv_spec, false) < 0
        || add_type(module, &state->Messages, &ws_messages_spec, false) < 0
        || add_type(module, &state->Outbox, &ws_outbox_spec, true) < 0
        || add_type(module, &state->Send, &ws_send_spec, false) < 0
        || add_type(module, &state->Waiter, &ws_waiter_spec, true) < 0
        || add_type(module, &state->Stepper, &ws_stepper_spec, true) < 0)
    {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)module_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    /* Towards free threading: the state never changes once it is there, but for the
     * pool of masks, which has a lock; a parser is used inside of a critical section. An
     * inbox, an outbox and their coroutines are for one thread, and trust that to be so.
     * It isn't declared unless asked for, until the tests, test_threads.py above all,
     * were seen to pass on such an interpreter. */
#if PY_VERSION_HEX >= 0x030D0000 && defined(WS_FRAMES_FREE_THREADING)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "ws_frames._speedups",
    .m_doc = PyDoc_STR("C twins of the functions in ws_frames.pure."),
    .m_size = sizeof(ws_state),
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC
PyInit__speedups(void)
{
    return PyModuleDef_Init(&definition);
}
