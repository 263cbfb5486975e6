/* From bytes to messages and frames, RFC 6455 section 5.
 *
 * The C twin of ws_frames.pure.parser: the rules are stated there, and so is what each
 * of them quotes. header.c, payload.c and parser.c have the same functions. */

#ifndef WS_FRAMES_PARSER_H
#define WS_FRAMES_PARSER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "masking.h"
#include "state.h"
#include "utf8.h"

#define WS_FIN 0x80
#define WS_RSV1 0x40
#define WS_RSV2 0x20
#define WS_RSV3 0x10
#define WS_RSV_MASK 0x70
#define WS_OPCODE_MASK 0x0F
#define WS_MASKED 0x80

#define WS_CONT 0x0
#define WS_TEXT 0x1
#define WS_BINARY 0x2
#define WS_CLOSE 0x8
#define WS_PING 0x9
#define WS_PONG 0xA
#define WS_IS_CONTROL(opcode) ((opcode) >= WS_CLOSE)

#define WS_MAX_HEADER 14
#define WS_NO_LIMIT UINT64_MAX

typedef struct {
    PyObject_HEAD
    const ws_state *state;  /* lives as long as the type, which we hold */
    PyObject *error;        /* or NULL */
    char closed;
    char waiting;

    /* What was asked for. */
    bool masked;
    bool all_frames;
    uint8_t rsv;
    uint64_t max_size;      /* or WS_NO_LIMIT */
    uint64_t marked_limit;

    bool feeding;           /* feed() is running */
    bool broken;            /* feed() raised something */

    /* What couldn't be parsed yet: bytes that wait, and where in them to go on, or else
     * the start of a header. */
    PyObject *rest;
    size_t position;
    uint8_t header[WS_MAX_HEADER];
    uint8_t header_size;

    /* The frame being read, once its header is complete. */
    bool reading;
    uint8_t head;
    uint8_t opcode;
    uint8_t phase;          /* place of the next byte under the mask */
    uint8_t mask[WS_MASK_SIZE];
    uint64_t remaining;
    ws_buffer frame;        /* payload of a control frame or a marked one */

    /* The message being read. */
    bool in_message;
    bool marked;
    bool text;
    ws_utf8 utf8;
    ws_buffer message;
    unsigned empty_fragments;
} ws_parser;

typedef enum {
    WS_RAISED = -1,  /* an exception is set */
    WS_OK = 0,
    WS_FAULT = 1,    /* the peer did something wrong: it is in parser->error */
} ws_result;

/* Keep an error of the given type, a member of the state. */
ws_result ws_fault(ws_parser *self, PyObject *type, const char *format, ...);

/* Read the header of the next frame, or as much of it as is in n > 0 bytes. Set *used
 * to how many of them belong to it; it is complete if self->reading is true then. */
ws_result ws_take_header(ws_parser *self, const uint8_t *data, size_t n, size_t *used);

/* Take what is there of a payload, and append to events what that completes. Set *used
 * to how many of the n bytes belong to it. */
ws_result ws_take_payload(ws_parser *self, const uint8_t *data, size_t n,
                          PyObject *events, size_t *used);

/* Parse the next bytes, as feed() does. They are inside of an object, of which they are the
 * last, or in a buffer of the caller's: then the owner is NULL. */
PyObject *ws_parser_feed(ws_parser *self, PyObject *owner, const uint8_t *data, size_t n);

/* Give an object as what it is, or NULL with a TypeError. */
ws_parser *ws_as_parser(const ws_state *state, PyObject *object);

/* Parse what an object holds. */
PyObject *ws_parser_feed_object(ws_parser *self, PyObject *data);

extern PyType_Spec ws_parser_spec;

#endif
