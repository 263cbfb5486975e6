/* ws_frames._speedups: the C twins of ws_frames.pure. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "masks.h"
#include "parser.h"
#include "serializer.h"
#include "state.h"

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
        || import_name(&state->PayloadTooBig, exceptions, "PayloadTooBig") < 0)
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
    return 0;
}

static void
module_free(void *module)
{
    module_clear(module);
}

/* -------------------------------------------------------------------------- */
/* Module                                                                     */

static int
module_exec(PyObject *module)
{
    PyObject *parser;
    int result;

    if (import_names(PyModule_GetState(module)) < 0) {
        return -1;
    }
    if (PyModule_AddFunctions(module, ws_serializer_methods) < 0
        || PyModule_AddFunctions(module, ws_masks_methods) < 0)
    {
        return -1;
    }
    parser = PyType_FromModuleAndSpec(module, &ws_parser_spec, NULL);
    if (parser == NULL) {
        /* Where memory is short, some versions of Python forget to say so. */
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    result = PyModule_AddType(module, (PyTypeObject *)parser);
    Py_DECREF(parser);
    return result;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)module_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    /* Ready for free threading: the state never changes once it is there, but for the
     * pool of masks, which has a lock; a parser is used inside of a critical section.
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
