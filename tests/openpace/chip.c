/* A chip on libeac: EF.CardAccess, PACE, Chip Authentication version 1, secure messaging.
 *
 *   openpace-chip CURVE BITS CAN PIN PUK
 *
 * CURVE is the number of the domain parameters (12, 13, 15, 16), BITS those of AES. Each line of
 * standard input is a command in hexadecimal, each line of standard output the answer to it.
 *
 * Beside the commands of the standards it has: E0, E1 the answer is the command's data (an odd
 * instruction has other data objects); E2 a new key for Chip Authentication, the answer is its
 * public point; B0 an EF of 64 KiB (0101), behind PACE. */
#include "common.h"

#include <eac/ca.h>
#include <eac/pace.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAN = 2, PIN = 3, PUK = 4, TRIES = 3 };
enum { CARD_ACCESS = 0x011c, LARGE = 0x0101 };

static const char *secrets[5];
static const enum s_type kinds[5] = {PACE_SEC_UNDEF, PACE_MRZ, PACE_CAN, PACE_PIN, PACE_PUK};
static int curve, bits, tries = TRIES, password, selected;
static int secure, agreed; /* secure messaging stands; Chip Authentication was selected */
static EAC_CTX *ctx;
static PACE_SEC *sec;
static BUF_MEM *mapping, *own_key, *their_key;
static u8 card_access[32], large[0x10000];
static size_t card_access_length;

static void forget(void)
{
    EAC_CTX_clear_free(ctx);
    PACE_SEC_clear_free(sec);
    BUF_MEM_free(mapping);
    BUF_MEM_free(own_key);
    BUF_MEM_free(their_key);
    ctx = NULL;
    sec = NULL;
    mapping = own_key = their_key = NULL;
    secure = agreed = 0;
}

static u8 variant(void) { return bits == 128 ? 2 : bits == 192 ? 3 : 4; }

static void make_files(void)
{
    struct bytes oid = {0}, info = {0}, infos = {0}, set = {0};
    append(&oid, "\x04\x00\x7f\x00\x07\x02\x02\x04\x02", 9);
    append_byte(&oid, variant());
    append_object(&info, 0x06, oid.data, oid.length);
    append_object(&info, 0x02, "\x02", 1);
    append_object(&info, 0x02, (u8[]){curve}, 1);
    append_object(&infos, 0x30, info.data, info.length);
    append_object(&set, 0x31, infos.data, infos.length);
    memcpy(card_access, set.data, card_access_length = set.length);
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = i * 7 + (i >> 8);
}

static int nid_of(struct part value)
{
    struct bytes der = {0};
    append_object(&der, 0x06, value.data, value.length);
    const unsigned char *at = der.data;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, der.length);
    int nid = object ? OBJ_obj2nid(object) : NID_undef;
    ASN1_OBJECT_free(object);
    free(der.data);
    return nid;
}

static int chip_authentication_protocol(void)
{
    u8 oid[] = {0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02, variant()};
    return nid_of((struct part){oid, sizeof oid});
}

static unsigned select_pace(struct part data)
{
    struct part protocol = find(data, 0x80), reference = find(data, 0x83), domain = find(data, 0x84);
    forget();
    if (!protocol.data || reference.length != 1 || reference.data[0] < CAN || reference.data[0] > PUK)
        return 0x6a80;
    if (domain.data && (domain.length != 1 || domain.data[0] != curve))
        return 0x6a80;
    password = reference.data[0];
    if (password == PIN && tries == 0)
        return 0x6983;
    ctx = EAC_CTX_new();
    sec = PACE_SEC_new(secrets[password], strlen(secrets[password]), kinds[password]);
    if (!ctx || !sec || EAC_CTX_init_pace(ctx, nid_of(protocol), curve) != 1) {
        forget();
        return 0x6a80;
    }
    ctx->tr_version = EAC_TR_VERSION_2_02;
    return password == PIN && tries < TRIES ? 0x63c0 | tries : 0x9000;
}

/* The private key is one that libeac makes for it. */
static EAC_CTX *chip_key;

static unsigned new_chip_key(struct bytes *answer)
{
    EAC_CTX_clear_free(chip_key);
    chip_key = EAC_CTX_new();
    if (!chip_key || EAC_CTX_init_ca(chip_key, chip_authentication_protocol(), curve) != 1)
        return 0x6f00;
    chip_key->tr_version = EAC_TR_VERSION_2_02;
    KA_CTX *ka = chip_key->ca_ctx->ka_ctx;
    BUF_MEM *point = ka->generate_key(ka->key, chip_key->bn_ctx);
    if (!point)
        return 0x6f00;
    append(answer, point->data, point->length);
    BUF_MEM_free(point);
    return 0x9000;
}

static unsigned select_chip_authentication(struct part data)
{
    struct part protocol = find(data, 0x80);
    if (!chip_key || !protocol.data || nid_of(protocol) != chip_authentication_protocol())
        return 0x6a80;
    agreed = 1;
    return 0x9000;
}

static unsigned wrong_password(void)
{
    int reference = password;
    forget();
    if (reference != PIN)
        return 0x6300;
    tries -= tries > 0;
    return 0x63c0 | tries;
}

/* Steps 1 to 4 of PACE. */
static unsigned pace(struct part objects, struct bytes *answer)
{
    struct part value;
    BUF_MEM *in = NULL, *out = NULL;
    if (!ctx || secure)
        return 0x6985;
    if (objects.length == 0) {
        if (!(out = PACE_STEP1_enc_nonce(ctx, sec)))
            return 0x6f00;
        append_object(answer, 0x80, out->data, out->length);
        BUF_MEM_free(out);
        return 0x9000;
    }
    if ((value = find(objects, 0x81)).data) {
        in = buffer(value.data, value.length);
        mapping = PACE_STEP3A_generate_mapping_data(ctx);
        int good = mapping && PACE_STEP3A_map_generator(ctx, in) == 1;
        BUF_MEM_free(in);
        if (!good)
            return forget(), 0x6a80;
        append_object(answer, 0x82, mapping->data, mapping->length);
        return 0x9000;
    }
    if ((value = find(objects, 0x83)).data) {
        own_key = PACE_STEP3B_generate_ephemeral_key(ctx);
        their_key = buffer(value.data, value.length);
        if (!own_key || PACE_STEP3B_compute_shared_secret(ctx, their_key) != 1 ||
            PACE_STEP3C_derive_keys(ctx) != 1)
            return forget(), 0x6a80;
        append_object(answer, 0x84, own_key->data, own_key->length);
        return 0x9000;
    }
    if (!(value = find(objects, 0x85)).data || !their_key)
        return 0x6a80;
    in = buffer(value.data, value.length);
    int good = PACE_STEP3D_verify_authentication_token(ctx, in) == 1;
    BUF_MEM_free(in);
    if (!good)
        return wrong_password();
    if (!(out = PACE_STEP3D_compute_authentication_token(ctx, their_key)))
        return 0x6f00;
    append_object(answer, 0x86, out->data, out->length);
    BUF_MEM_free(out);
    if (EAC_CTX_set_encryption_ctx(ctx, EAC_ID_PACE) != 1 || EAC_reset_ssc(ctx) != 1)
        return 0x6f00;
    if (password == PIN)
        tries = TRIES;
    secure = 1;
    return 0x9000;
}

/* The answer goes out under the old keys, so the new ones wait for it in `next`. */
static EAC_CTX *next;

static unsigned chip_authentication(struct part objects)
{
    struct part point = find(objects, 0x80);
    agreed = 0;
    if (!point.data)
        return 0x6a80;
    BUF_MEM *in = buffer(point.data, point.length);
    int good = CA_STEP4_compute_shared_secret(chip_key, in) == 1 &&
               derive_chip_authentication_keys(chip_key);
    BUF_MEM_free(in);
    if (!good)
        return 0x6a80;
    next = chip_key;
    chip_key = NULL;
    return 0x9000;
}

static unsigned general_authenticate(struct part data, struct bytes *answer)
{
    struct part objects = find(data, 0x7c);
    struct bytes inner = {0};
    if (!objects.data)
        return 0x6a80;
    unsigned status = agreed ? chip_authentication(objects) : pace(objects, &inner);
    if (status == 0x9000)
        append_object(answer, 0x7c, inner.data, inner.length);
    free(inner.data);
    return status;
}

static unsigned read_binary(const struct command *c, struct bytes *answer)
{
    const u8 *file = selected == CARD_ACCESS ? card_access : large;
    size_t length = selected == CARD_ACCESS ? card_access_length : sizeof large;
    size_t offset = (size_t)c->p1 << 8 | c->p2;
    if (c->p1 & 0x80) { /* by short identifier: EF.CardAccess has 1C */
        if (c->p1 != 0x9c)
            return 0x6a82;
        selected = CARD_ACCESS, file = card_access, length = card_access_length, offset = c->p2;
    }
    if (!selected)
        return 0x6986;
    if (selected == LARGE && !secure)
        return 0x6982;
    if (offset >= length)
        return 0x6b00;
    size_t count = c->expected < length - offset ? c->expected : length - offset;
    append(answer, file + offset, count);
    return 0x9000;
}

/* A command without secure messaging, or out of it: data and status of its answer. */
static unsigned execute(const struct command *c, struct bytes *answer)
{
    switch (c->ins) {
    case 0xa4:
        if (c->data.length != 2)
            return 0x6a82;
        selected = c->data.data[0] << 8 | c->data.data[1];
        if (selected != CARD_ACCESS && selected != LARGE)
            return selected = 0, 0x6a82;
        return 0x9000;
    case 0xb0:
        return read_binary(c, answer);
    case 0xe0:
    case 0xe1:
        append(answer, c->data.data, c->data.length);
        return 0x9000;
    case 0xe2:
        return new_chip_key(answer);
    case 0x22:
        if (c->p1 == 0xc1 && c->p2 == 0xa4)
            return select_pace(c->data);
        if (c->p1 == 0x41 && c->p2 == 0xa4)
            return select_chip_authentication(c->data);
        return 0x6a86;
    case 0x86:
        return general_authenticate(c->data, answer);
    default:
        return 0x6d00;
    }
}

/* What the MAC of a command covers: its header, padded, and the data objects before the MAC. */
static void cover_command(const struct command *c, struct bytes *covered)
{
    u8 head[16] = {c->cla, c->ins, c->p1, c->p2, 0x80};
    struct part encrypted;
    clear(covered);
    append(covered, head, 4);
    for (const u8 *tag = (const u8[]){0x85, 0x87, 0x97, 0}; *tag; tag++)
        if ((encrypted = find(c->data, *tag)).data) {
            if (covered->length == 4)
                append(covered, head + 4, 12);
            append_object(covered, *tag, encrypted.data, encrypted.length);
        }
}

static void protected_command(struct command *c, struct bytes *answer)
{
    static struct bytes covered, plain, inner, objects;
    struct part wanted = find(c->data, 0x97);
    next_message(ctx);
    cover_command(c, &covered);
    if (!is_mac(ctx, find(c->data, 0x8e), &covered) || !decrypted(ctx, c->data, &plain)) {
        forget();
        return append_status(answer, 0x6988);
    }
    c->expected = 0;
    if (wanted.data) {
        for (size_t i = 0; i < wanted.length; i++)
            c->expected = c->expected << 8 | wanted.data[i];
        if (!c->expected)
            c->expected = wanted.length == 1 ? 0x100 : 0x10000;
    }
    c->data = (struct part){plain.data, plain.length};
    clear(&inner);
    unsigned status = execute(c, &inner);
    if (!secure)
        return append_status(answer, status);
    next_message(ctx);
    clear(&objects);
    if (inner.length)
        append_encrypted(ctx, &objects, c->ins, (struct part){inner.data, inner.length});
    append_object(&objects, 0x99, (u8[]){status >> 8, status}, 2);
    append(answer, objects.data, objects.length);
    append_mac(ctx, answer, &objects);
    append_status(answer, status);
}

static void transmit(struct part apdu, struct bytes *answer)
{
    struct command c;
    if (!parse_command(apdu, &c))
        return append_status(answer, 0x6700);
    if ((c.cla & 0x0c) == 0x0c) {
        if (!secure)
            return append_status(answer, 0x6882);
        protected_command(&c, answer);
    } else {
        if (secure)
            forget();
        append_status(answer, execute(&c, answer));
    }
    if (next) {
        forget();
        ctx = next;
        next = NULL;
        secure = 1;
    }
}

int main(int count, char **words)
{
    struct bytes in = {0}, out = {0};
    char *line;
    if (count != 6) {
        fputs("openpace-chip CURVE BITS CAN PIN PUK\n", stderr);
        return 2;
    }
    curve = atoi(words[1]);
    bits = atoi(words[2]);
    for (int reference = CAN; reference <= PUK; reference++)
        secrets[reference] = words[reference + 1];
    EAC_init();
    make_files();
    while ((line = read_line())) {
        clear(&out);
        if (!from_hex(line, &in))
            return 1;
        transmit((struct part){in.data, in.length}, &out);
        print_hex("", (struct part){out.data, out.length});
    }
    forget();
    EAC_CTX_clear_free(chip_key);
    EAC_cleanup();
    return 0;
}
