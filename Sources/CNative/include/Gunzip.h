// gzip (RFC 1952) by zlib: a body of one or several members, unpacked as a whole up to a limit.
#ifndef RAPPORT_GUNZIP_H
#define RAPPORT_GUNZIP_H

#include <stddef.h>
#include <stdint.h>

enum {
    RAPPORT_GUNZIP_DONE = 0,
    RAPPORT_GUNZIP_TOO_LARGE = 1,
    RAPPORT_GUNZIP_TRUNCATED = 2,
    RAPPORT_GUNZIP_DAMAGED = 3,
    RAPPORT_GUNZIP_MEMBERS = 4,
    RAPPORT_GUNZIP_MEMORY = 5
};

// Unpacks into a buffer that the caller frees with `free` (NULL unless done). At most `limit` bytes are ever unpacked.
int rapport_gunzip(
    const uint8_t *packed, size_t packed_size, size_t limit, int members, uint8_t **unpacked, size_t *unpacked_size);

#endif
