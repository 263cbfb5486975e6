/* ws_frames._speedups: the C twins of ws_frames.pure. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "masking.h"

/* -------------------------------------------------------------------------- */
/* Masking                                                                    */

PyDoc_STRVAR(apply_mask_doc,
"apply_mask(data, mask, /)\n"
"--\n"
"\n"
"Mask or unmask data: XOR of each byte with one of the four of mask (RFC 6455 5.3).");

/* With both buffers held. */
static PyObject *
masked_copy(const Py_buffer *data, const Py_buffer *mask)
{
    PyObject *result;
    uint8_t key[WS_MASK_SIZE];

    if (mask->len != WS_MASK_SIZE) {
        return PyErr_Format(PyExc_ValueError,
                            "mask is %zd bytes long, must be %d",
                            mask->len, WS_MASK_SIZE);
    }
    memcpy(key, mask->buf, sizeof(key));
    result = PyBytes_FromStringAndSize(NULL, data->len);
    if (result == NULL) {
        return NULL;
    }
    /* A bytes object of one byte may be shared, but not one that was made without
     * content: nobody else has seen this one. */
    ws_mask((uint8_t *)PyBytes_AS_STRING(result), data->buf,
            (size_t)data->len, key, 0);
    return result;
}

static PyObject *
apply_mask(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data, mask;
    PyObject *result;

    if (nargs != 2) {
        return PyErr_Format(PyExc_TypeError,
                            "apply_mask() takes 2 arguments, got %zd", nargs);
    }
    if (PyObject_GetBuffer(args[0], &data, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(args[1], &mask, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&data);
        return NULL;
    }
    result = masked_copy(&data, &mask);
    PyBuffer_Release(&mask);
    PyBuffer_Release(&data);
    return result;
}

/* -------------------------------------------------------------------------- */
/* Module                                                                     */

static PyMethodDef methods[] = {
    {"apply_mask", (PyCFunction)(void (*)(void))apply_mask, METH_FASTCALL,
     apply_mask_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "ws_frames._speedups",
    .m_doc = PyDoc_STR("C twins of the functions in ws_frames.pure."),
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__speedups(void)
{
    return PyModuleDef_Init(&definition);
}
