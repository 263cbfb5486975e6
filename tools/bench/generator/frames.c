/* Frames of clients, made before anything is measured. */

#include "load.h"

static uint64_t
random_number(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

size_t
write_head(unsigned char *to, int first, uint64_t length, int masked)
{
    int mask_bit = masked ? 0x80 : 0;
    to[0] = (unsigned char)first;
    if (length < 126) {
        to[1] = (unsigned char)(mask_bit | (int)length);
        return 2;
    }
    int bytes = length < 65536 ? 2 : 8;
    to[1] = (unsigned char)(mask_bit | (bytes == 2 ? 126 : 127));
    for (int i = 0; i < bytes; i++) {
        to[2 + i] = (unsigned char)(length >> (8 * (bytes - 1 - i)));
    }
    return 2 + (size_t)bytes;
}

/* XOR with the key, whose byte at position is the first to be used. */
void
mask(unsigned char *data, size_t size, const unsigned char key[4], size_t position)
{
    unsigned char turned[8];
    uint64_t word;
    for (int i = 0; i < 8; i++) {
        turned[i] = key[(position + (size_t)i) & 3];
    }
    memcpy(&word, turned, 8);
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t piece;
        memcpy(&piece, data + i, 8);
        piece ^= word;
        memcpy(data + i, &piece, 8);
    }
    for (; i < size; i++) {
        data[i] ^= turned[i & 7];
    }
}

size_t
write_masked(unsigned char *to, int first, const unsigned char *payload, size_t size)
{
    uint32_t key = (uint32_t)random_number();
    size_t head = write_head(to, first, size, 1);
    memcpy(to + head, &key, 4);
    memcpy(to + head + 4, payload, size);
    mask(to + head + 4, size, to + head, 0);
    return head + 4 + size;
}

/* A message as a client sends it, in fragments of options.fragment bytes where that is not 0. */
static size_t
write_message(unsigned char *to, const unsigned char *payload, size_t size)
{
    size_t piece = options.fragment ? (size_t)options.fragment : size;
    size_t done = 0, written = 0;
    do {
        size_t length = size - done < piece ? size - done : piece;
        int opcode = done ? 0 : options.text ? 1 : 2;
        int fin = done + length == size ? 0x80 : 0;
        written += write_masked(to + written, fin | opcode, payload + done, length);
        done += length;
    } while (done < size);
    return written;
}

/* Random bytes, or printable ASCII. */
static void
fill(unsigned char *payload, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t number = random_number();
        memcpy(payload + i, &number, size - i < 8 ? size - i : 8);
    }
    for (size_t i = 0; options.text && i < size; i++) {
        payload[i] = (unsigned char)(' ' + payload[i] % 95);
    }
}

Ring ring;

void
make_ring(void)
{
    size_t size = (size_t)options.size;
    size_t frames = options.fragment ? size / (size_t)options.fragment + 1 : 1;
    size_t variants = size * (size_t)options.burst > BUFFER ? 1 : 4;
    unsigned char *payload = allocate(size);
    ring.count = variants * (size_t)options.burst;
    ring.out = allocate(ring.count * (size + frames * 14));
    ring.in = allocate(ring.count * (size + frames * 14));
    for (size_t i = 0; i < ring.count; i++) {
        fill(payload, size);
        unsigned char *out = ring.out + i * ring.out_each, *in = ring.in + i * ring.in_each;
        ring.out_each = write_message(out, payload, size);
        if (options.raw) {
            ring.in_each = ring.out_each;
            memcpy(in, out, ring.out_each);
        }
        else {
            ring.in_each = write_head(in, options.text ? 0x81 : 0x82, size, 0);
            memcpy(in + ring.in_each, payload, size);
            ring.in_each += size;
        }
    }
    free(payload);
}
