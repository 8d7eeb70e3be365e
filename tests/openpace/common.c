#include "common.h"

#include <eac/ca.h>
#include <eac/pace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void clear(struct bytes *b) { b->length = 0; }

void append(struct bytes *b, const void *data, size_t length)
{
    if (b->length + length > b->room) {
        b->room = 2 * (b->length + length) + 64;
        b->data = realloc(b->data, b->room);
        if (!b->data)
            abort();
    }
    if (length)
        memcpy(b->data + b->length, data, length);
    b->length += length;
}

void append_byte(struct bytes *b, u8 byte) { append(b, &byte, 1); }

void append_status(struct bytes *b, unsigned status)
{
    append_byte(b, status >> 8);
    append_byte(b, status & 0xff);
}

void append_object(struct bytes *b, unsigned tag, const void *data, size_t length)
{
    if (tag > 0xff)
        append_byte(b, tag >> 8);
    append_byte(b, tag & 0xff);
    if (length > 0xffff) {
        append_byte(b, 0x83);
        append_byte(b, length >> 16);
        append_byte(b, length >> 8);
    } else if (length > 0xff) {
        append_byte(b, 0x82);
        append_byte(b, length >> 8);
    } else if (length > 0x7f) {
        append_byte(b, 0x81);
    }
    append_byte(b, length & 0xff);
    append(b, data, length);
}

struct part find(struct part objects, u8 tag)
{
    size_t at = 0;
    while (at + 2 <= objects.length) {
        u8 found = objects.data[at++];
        size_t length = objects.data[at++];
        if (length > 0x80 && length <= 0x83) {
            size_t more = length - 0x80;
            length = 0;
            while (more-- && at < objects.length)
                length = length << 8 | objects.data[at++];
        } else if (length >= 0x80) {
            break;
        }
        if (length > objects.length - at)
            break;
        if (found == tag)
            return (struct part){objects.data + at, length};
        at += length;
    }
    return (struct part){NULL, 0};
}

int parse_command(struct part apdu, struct command *command)
{
    const u8 *a = apdu.data;
    size_t n = apdu.length, wide = 0, lc = 0;
    if (n < 4)
        return 0;
    *command = (struct command){a[0], a[1], a[2], a[3], {a + n, 0}, 0};
    a += 4, n -= 4;
    if (n == 0)
        return 1;
    if (n >= 3 && a[0] == 0)
        wide = 1;
    if (n > 1 + 2 * wide) {
        lc = wide ? (size_t)a[1] << 8 | a[2] : a[0];
        a += 1 + 2 * wide, n -= 1 + 2 * wide;
        if (lc > n)
            return 0;
        command->data = (struct part){a, lc};
        a += lc, n -= lc;
    } else if (wide) {
        a += 1, n -= 1;
    }
    if (n == 0)
        return 1;
    if (n != 1 + wide)
        return 0;
    command->expected = wide ? (size_t)a[0] << 8 | a[1] : a[0];
    if (!command->expected)
        command->expected = wide ? 0x10000 : 0x100;
    return 1;
}

BUF_MEM *buffer(const void *data, size_t length)
{
    BUF_MEM *b = BUF_MEM_new();
    if (!b || (length && !BUF_MEM_grow(b, length)))
        abort();
    if (length)
        memcpy(b->data, data, length);
    return b;
}

void next_message(EAC_CTX *ctx) { EAC_increment_ssc(ctx); }

static BUF_MEM *padded(EAC_CTX *ctx, const void *data, size_t length)
{
    BUF_MEM *plain = buffer(data, length), *padded = EAC_add_iso_pad(ctx, plain);
    BUF_MEM_free(plain);
    return padded;
}

int append_encrypted(EAC_CTX *ctx, struct bytes *b, u8 ins, struct part plain)
{
    BUF_MEM *whole = padded(ctx, plain.data, plain.length);
    BUF_MEM *secret = EAC_encrypt(ctx, whole);
    struct bytes value = {0};
    BUF_MEM_free(whole);
    if (!secret)
        return 0;
    if (!(ins & 1))
        append_byte(&value, 0x01);
    append(&value, secret->data, secret->length);
    append_object(b, ins & 1 ? 0x85 : 0x87, value.data, value.length);
    free(value.data);
    BUF_MEM_free(secret);
    return 1;
}

int decrypted(EAC_CTX *ctx, struct part objects, struct bytes *plain)
{
    struct part even = find(objects, 0x87), odd = find(objects, 0x85);
    clear(plain);
    if (!even.data && !odd.data)
        return 1;
    if (even.data) {
        if (odd.data || even.length < 1 || even.data[0] != 0x01)
            return 0;
        odd = (struct part){even.data + 1, even.length - 1};
    }
    if (odd.length == 0 || odd.length % 16)
        return 0;
    BUF_MEM *secret = buffer(odd.data, odd.length);
    BUF_MEM *whole = EAC_decrypt(ctx, secret);
    BUF_MEM *bare = whole ? EAC_remove_iso_pad(whole) : NULL;
    if (bare)
        append(plain, bare->data, bare->length);
    BUF_MEM_free(secret);
    BUF_MEM_free(whole);
    int good = bare != NULL;
    BUF_MEM_free(bare);
    return good;
}

int append_mac(EAC_CTX *ctx, struct bytes *b, const struct bytes *covered)
{
    BUF_MEM *whole = padded(ctx, covered->data, covered->length);
    BUF_MEM *mac = EAC_authenticate(ctx, whole);
    BUF_MEM_free(whole);
    if (!mac)
        return 0;
    append_object(b, 0x8e, mac->data, 8);
    BUF_MEM_free(mac);
    return 1;
}

int is_mac(EAC_CTX *ctx, struct part mac, const struct bytes *covered)
{
    if (!mac.data || mac.length != 8)
        return 0;
    BUF_MEM *whole = padded(ctx, covered->data, covered->length);
    BUF_MEM *given = buffer(mac.data, mac.length);
    int good = EAC_verify_authentication(ctx, whole, given) == 1;
    BUF_MEM_free(whole);
    BUF_MEM_free(given);
    return good;
}

int derive_chip_authentication_keys(EAC_CTX *ctx)
{
    /* Libeac knows version 2, with a nonce and a token. With neither its keys are version 1's; that
     * the token does not match is of no account. */
    BUF_MEM *nonce = buffer("", 0), *token = buffer("", 0);
    CA_STEP6_derive_keys(ctx, nonce, token);
    BUF_MEM_free(nonce);
    BUF_MEM_free(token);
    return ctx->ca_ctx->ka_ctx->k_mac && EAC_CTX_set_encryption_ctx(ctx, EAC_ID_CA) == 1 &&
           EAC_reset_ssc(ctx) == 1;
}

char *read_line(void)
{
    static char *line;
    static size_t room;
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0)
        return NULL;
    line[strcspn(line, "\r\n")] = 0;
    return line;
}

static int digit(char c)
{
    const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c & ~(c > '9' ? 0x20 : 0)) : NULL;
    return at ? (int)(at - digits) : -1;
}

int from_hex(const char *text, struct bytes *b)
{
    clear(b);
    for (; text[0]; text += 2) {
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0)
            return 0;
        append_byte(b, high << 4 | low);
    }
    return 1;
}

void print_hex(const char *before, struct part bytes)
{
    fputs(before, stdout);
    for (size_t i = 0; i < bytes.length; i++)
        printf("%02X", bytes.data[i]);
    putchar('\n');
    fflush(stdout);
}
