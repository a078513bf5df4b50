#include "Gunzip.h"

#include <stdlib.h>
#include <zlib.h>

static int finish(z_stream *stream, uint8_t *buffer, int result) {
    inflateEnd(stream);
    free(buffer);
    return result;
}

int rapport_gunzip(
    const uint8_t *packed, size_t packed_size, size_t limit, int members, uint8_t **unpacked, size_t *unpacked_size) {
    *unpacked = NULL;
    *unpacked_size = 0;
    // Room for one byte more than is allowed tells what is too large from what just fits.
    size_t capacity = packed_size * 4 + 1024;
    if (capacity > limit + 1) capacity = limit + 1;
    uint8_t *buffer = malloc(capacity);
    if (buffer == NULL) return RAPPORT_GUNZIP_MEMORY;
    z_stream stream = {0};
    // 16: the gzip form alone, not that of zlib.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) {
        free(buffer);
        return RAPPORT_GUNZIP_MEMORY;
    }
    stream.next_in = (Bytef *)packed;
    stream.avail_in = (uInt)packed_size;
    size_t size = 0;
    for (;;) {
        if (size == capacity) {
            if (capacity > limit) return finish(&stream, buffer, RAPPORT_GUNZIP_TOO_LARGE);
            size_t next = capacity * 2 > limit + 1 ? limit + 1 : capacity * 2;
            uint8_t *larger = realloc(buffer, next);
            if (larger == NULL) return finish(&stream, buffer, RAPPORT_GUNZIP_MEMORY);
            buffer = larger;
            capacity = next;
        }
        stream.next_out = buffer + size;
        stream.avail_out = (uInt)(capacity - size);
        int result = inflate(&stream, Z_NO_FLUSH);
        size = (size_t)(stream.next_out - buffer);
        if (size > limit) return finish(&stream, buffer, RAPPORT_GUNZIP_TOO_LARGE);
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0) break;
            if (--members == 0) return finish(&stream, buffer, RAPPORT_GUNZIP_MEMBERS);
            if (inflateReset(&stream) != Z_OK) return finish(&stream, buffer, RAPPORT_GUNZIP_DAMAGED);
        } else if (result == Z_MEM_ERROR) {
            return finish(&stream, buffer, RAPPORT_GUNZIP_MEMORY);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return finish(&stream, buffer, RAPPORT_GUNZIP_DAMAGED);
        } else if (stream.avail_in == 0 && stream.avail_out > 0) {
            return finish(&stream, buffer, RAPPORT_GUNZIP_TRUNCATED);
        }
    }
    inflateEnd(&stream);
    *unpacked = buffer;
    *unpacked_size = size;
    return RAPPORT_GUNZIP_DONE;
}
