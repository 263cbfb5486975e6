/* Frames from a file, and frames of servers whose bytes are not known before. */

#include "load.h"

/* Take frames apart, and give their payloads piece by piece. */
void
take_frames(Connection *connection, const unsigned char *data, size_t size, Handler handle)
{
    unsigned char *head = (unsigned char *)connection->head;
    while (size) {
        if (connection->left == 0) {
            head[connection->have++] = *data++;
            size--;
            size_t need = connection->have < 2 ? 2 : head[1] < 126 ? 2 : head[1] == 126 ? 4 : 10;
            if (connection->have < need) {
                continue;
            }
            connection->have = 0;
            connection->left = head[1];
            for (size_t i = 2; i < need; i++) {
                connection->left = (i == 2 ? 0 : connection->left << 8) | head[i];
            }
            if (connection->left == 0) {
                handle(connection, head[0], data, 0, 1);
            }
            continue;
        }
        size_t piece = size < connection->left ? size : connection->left;
        connection->left -= piece;
        handle(connection, head[0], data, piece, connection->left == 0);
        data += piece;
        size -= piece;
    }
}

FrameFile frames;

void
read_frames(void)
{
    FILE *file = fopen(options.file, "rb");
    if (file == NULL) {
        fail("%s: %s", options.file, strerror(errno));
    }
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    frames.data = allocate(length);
    frames.at = allocate((length / 4 + 1) * sizeof(size_t));
    frames.size = allocate((length / 4 + 1) * sizeof(size_t));
    if (fread(frames.data, 1, length, file) != length) {
        fail("%s: cannot be read", options.file);
    }
    fclose(file);
    for (size_t at = 0; at < length; at += frames.size[frames.count++]) {
        const unsigned char *size = frames.data + at;
        frames.size[frames.count] = size[0] | size[1] << 8 | size[2] << 16 | (size_t)size[3] << 24;
        at += 4;
        frames.at[frames.count] = at;
    }
}

void
send_frame(Connection *connection, size_t number)
{
    send_all(connection->fd, frames.data + frames.at[number], frames.size[number]);
}

Answers answers;

/* Count the messages that come, and write them down behind their length and first byte. */
static void
keep(Connection *connection, int first, const unsigned char *data, size_t size, int last)
{
    (void)connection;
    if ((first & 0x0F) == 8) {
        fail("the server closed the connection");
    }
    if (first & 0x08) {
        return;
    }
    if (answers.size + size > BUFFER) {
        fail("an answer of more than %d bytes", BUFFER);
    }
    memcpy(answers.message + answers.size, data, size);
    answers.size += size;
    if (!last) {
        return;
    }
    if (answers.file) {
        uint32_t length = (uint32_t)answers.size;
        fwrite(&length, 4, 1, answers.file);
        fputc(first, answers.file);
        fwrite(answers.message, 1, answers.size, answers.file);
    }
    answers.bytes += answers.size;
    answers.count++;
    answers.size = 0;
}

/* Send the frames of a file, the next when the answer to the last is there. */
void
replay(void)
{
    int poller = epoll_create1(EPOLL_CLOEXEC);
    unsigned char *buffer = allocate(BUFFER);
    answers.message = allocate(BUFFER);
    answers.file = options.record ? fopen(options.record, "wb") : NULL;
    options.connections = 1;
    options.compression = 1;
    read_frames();
    Connection *connection = open_all(poller);
    fcntl(connection->fd, F_SETFL, 0);
    Moment start = moment();
    for (size_t i = 0; i < frames.count; i++) {
        send_frame(connection, i);
        while (answers.count <= i) {
            size_t got = receive(connection, buffer, 0);
            take_frames(connection, buffer, got, keep);
        }
        if (now() - start.wall > options.seconds) {
            break;
        }
    }
    report(start, answers.count, answers.bytes);
    take_leave(connection, buffer);
    if (answers.file && fclose(answers.file) != 0) {
        fail("%s: cannot be written", options.record);
    }
}
