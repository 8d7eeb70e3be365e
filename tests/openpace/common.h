/* What the two programs on libeac (OpenPACE) share: bytes, data objects, commands, and the data
 * objects of secure messaging. They are the other side of the tests of `lichna-pace`, run as
 * processes of their own, and no part of what ships. */
#ifndef COMMON_H
#define COMMON_H

#include <eac/eac.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;

/* Bytes that grow. */
struct bytes {
    u8 *data;
    size_t length, room;
};

/* A part of somebody's bytes; `data` is NULL when it is not there. */
struct part {
    const u8 *data;
    size_t length;
};

/* A command, taken apart. `expected` is 0 without Le. */
struct command {
    u8 cla, ins, p1, p2;
    struct part data;
    size_t expected;
};

void clear(struct bytes *b);
void append(struct bytes *b, const void *data, size_t length);
void append_byte(struct bytes *b, u8 byte);
void append_status(struct bytes *b, unsigned status);
/* Tags of one or two bytes. */
void append_object(struct bytes *b, unsigned tag, const void *data, size_t length);
/* The first object with a tag of one byte, among those that follow one another. */
struct part find(struct part objects, u8 tag);
int parse_command(struct part apdu, struct command *command);

BUF_MEM *buffer(const void *data, size_t length);
/* Libeac's counter of messages goes up by one. */
void next_message(EAC_CTX *ctx);
/* Pads and encrypts into data object 87, or 85 for an odd instruction. */
int append_encrypted(EAC_CTX *ctx, struct bytes *b, u8 ins, struct part plain);
/* Decrypts data object 87 or 85, whichever is there; 0 when it is malformed. */
int decrypted(EAC_CTX *ctx, struct part objects, struct bytes *plain);
/* The MAC over these bytes, padded; 8 bytes, appended as data object 8E. */
int append_mac(EAC_CTX *ctx, struct bytes *b, const struct bytes *covered);
int is_mac(EAC_CTX *ctx, struct part mac, const struct bytes *covered);

/* Keys of Chip Authentication version 1: no nonce goes into them, and nobody sends a token. */
int derive_chip_authentication_keys(EAC_CTX *ctx);

/* One line of hexadecimal after `skip` characters; 0 at the end of the input. */
char *read_line(void);
int from_hex(const char *text, struct bytes *b);
void print_hex(const char *before, struct part bytes);

#endif
