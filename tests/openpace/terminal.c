/* A terminal on libeac: PACE, Chip Authentication version 1, secure messaging.
 *
 * Each line of standard input asks for something; each is answered with a line that begins with
 * `ok` or `fail`. Before that come the commands for the chip, in lines that begin with `>`; after
 * each of them the next line of standard input is the chip's answer, in hexadecimal.
 *
 *   access HEX               EF.CardAccess, which the next openings go by
 *   open REFERENCE PASSWORD  PACE with 2 the CAN, 3 the PIN, 4 the PUK
 *   send HEX                 a command through the channel; `ok` is followed by its answer
 *   authenticate HEX         Chip Authentication with the public point from DG14
 *   time                     `ok` is followed by the processor time used so far, in nanoseconds
 */
#include "common.h"

#include <eac/ca.h>
#include <eac/pace.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static EAC_CTX *ctx;
static struct bytes access_file, answer;
static int secure;

static void forget(void)
{
    EAC_CTX_clear_free(ctx);
    ctx = NULL;
    secure = 0;
}

static int fail(const char *why)
{
    forget();
    printf("fail %s\n", why);
    fflush(stdout);
    return 0;
}

static int refused(unsigned status)
{
    char why[8];
    snprintf(why, sizeof why, "%04X", status);
    return fail(why);
}

/* Sends a command; the answer without its status is in `answer`. */
static unsigned exchange(const struct bytes *command)
{
    print_hex("> ", (struct part){command->data, command->length});
    char *line = read_line();
    if (!line || !from_hex(line, &answer) || answer.length < 2)
        return 0;
    answer.length -= 2;
    return answer.data[answer.length] << 8 | answer.data[answer.length + 1];
}

/* A command with data and Le, through the channel when one stands. */
static unsigned transmit(const struct command *plain);

static unsigned general_authenticate(int last, u8 tag, const BUF_MEM *value, u8 wanted, struct part *found)
{
    static struct bytes inner, outer;
    clear(&inner);
    clear(&outer);
    if (value)
        append_object(&inner, tag, value->data, value->length);
    append_object(&outer, 0x7c, inner.data, inner.length);
    struct command c = {last ? 0x00 : 0x10, 0x86, 0, 0, {outer.data, outer.length}, 0x100};
    unsigned status = transmit(&c);
    *found = find(find((struct part){answer.data, answer.length}, 0x7c), wanted);
    return status;
}

static int open_channel(int reference, const char *password)
{
    static const enum s_type kinds[5] = {PACE_SEC_UNDEF, PACE_MRZ, PACE_CAN, PACE_PIN, PACE_PUK};
    static struct bytes set;
    struct part found;
    unsigned status;
    forget();
    ctx = EAC_CTX_new();
    if (!ctx || EAC_CTX_init_ef_cardaccess(access_file.data, access_file.length, ctx) != 1)
        return fail("EF.CardAccess");
    const ASN1_OBJECT *protocol = OBJ_nid2obj(ctx->pace_ctx->protocol);
    clear(&set);
    append_object(&set, 0x80, OBJ_get0_data(protocol), OBJ_length(protocol));
    append_object(&set, 0x83, (u8[]){reference}, 1);
    struct command c = {0, 0x22, 0xc1, 0xa4, {set.data, set.length}, 0};
    status = transmit(&c);
    if (status != 0x9000 && (status & 0xfff0) != 0x63c0)
        return refused(status);

    PACE_SEC *sec = PACE_SEC_new(password, strlen(password), kinds[reference]);
    if ((status = general_authenticate(0, 0, NULL, 0x80, &found)) != 0x9000)
        return refused(status);
    BUF_MEM *in = buffer(found.data, found.length);
    if (PACE_STEP2_dec_nonce(ctx, sec, in) != 1)
        return fail("nonce");
    BUF_MEM_free(in);

    BUF_MEM *out = PACE_STEP3A_generate_mapping_data(ctx);
    if ((status = general_authenticate(0, 0x81, out, 0x82, &found)) != 0x9000)
        return refused(status);
    BUF_MEM_free(out);
    in = buffer(found.data, found.length);
    if (PACE_STEP3A_map_generator(ctx, in) != 1)
        return fail("mapping");
    BUF_MEM_free(in);

    out = PACE_STEP3B_generate_ephemeral_key(ctx);
    if ((status = general_authenticate(0, 0x83, out, 0x84, &found)) != 0x9000)
        return refused(status);
    BUF_MEM_free(out);
    BUF_MEM *theirs = buffer(found.data, found.length);
    if (PACE_STEP3B_compute_shared_secret(ctx, theirs) != 1 || PACE_STEP3C_derive_keys(ctx) != 1)
        return fail("key agreement");

    out = PACE_STEP3D_compute_authentication_token(ctx, theirs);
    if ((status = general_authenticate(1, 0x85, out, 0x86, &found)) != 0x9000)
        return refused(status);
    BUF_MEM_free(out);
    BUF_MEM_free(theirs);
    PACE_SEC_clear_free(sec);
    in = buffer(found.data, found.length);
    if (PACE_STEP3D_verify_authentication_token(ctx, in) != 1)
        return fail("token");
    BUF_MEM_free(in);
    if (EAC_CTX_set_encryption_ctx(ctx, EAC_ID_PACE) != 1 || EAC_reset_ssc(ctx) != 1)
        return fail("keys");
    secure = 1;
    return 1;
}

/* Chip Authentication version 1 with the protocol that belongs to PACE's cipher. */
static int authenticate_chip(struct part point)
{
    static struct bytes set;
    static const int ciphers[][2] = {
        {NID_aes_128_cbc, 2}, {NID_aes_192_cbc, 3}, {NID_aes_256_cbc, 4}};
    u8 oid[] = {0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02, 0};
    struct part found;
    unsigned status;
    if (!secure)
        return fail("no channel");
    for (size_t i = 0; i < 3; i++)
        if (EVP_CIPHER_nid(ctx->key_ctx->cipher) == ciphers[i][0])
            oid[9] = ciphers[i][1];
    /* The domain parameters stand in EF.CardAccess: SET { SEQUENCE { OID, version, number } }. */
    int curve = access_file.data[access_file.length - 1];
    struct bytes der = {0};
    append_object(&der, 0x06, oid, sizeof oid);
    const unsigned char *at = der.data;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, der.length);
    free(der.data);
    if (!object || EAC_CTX_init_ca(ctx, OBJ_obj2nid(object), curve) != 1)
        return fail("protocol");
    ASN1_OBJECT_free(object);
    KA_CTX *ka = ctx->ca_ctx->ka_ctx;
    BUF_MEM *own = ka->generate_key(ka->key, ctx->bn_ctx);
    BUF_MEM *theirs = buffer(point.data, point.length);
    if (!own || CA_STEP4_compute_shared_secret(ctx, theirs) != 1)
        return fail("key agreement");
    BUF_MEM_free(theirs);

    clear(&set);
    append_object(&set, 0x80, oid, sizeof oid);
    struct command c = {0, 0x22, 0x41, 0xa4, {set.data, set.length}, 0};
    if ((status = transmit(&c)) != 0x9000)
        return refused(status);
    if ((status = general_authenticate(1, 0x80, own, 0x80, &found)) != 0x9000)
        return refused(status);
    BUF_MEM_free(own);
    return derive_chip_authentication_keys(ctx) ? 1 : fail("keys");
}

static void append_length(struct bytes *b, size_t length, int wide)
{
    if (wide)
        append_byte(b, length >> 8);
    append_byte(b, length);
}

static void encode(struct bytes *b, const struct command *c)
{
    int wide = c->data.length > 0xff || c->expected > 0x100;
    clear(b);
    append(b, (u8[]){c->cla, c->ins, c->p1, c->p2}, 4);
    if (wide)
        append_byte(b, 0);
    if (c->data.length) {
        append_length(b, c->data.length, wide);
        append(b, c->data.data, c->data.length);
    }
    if (c->expected)
        append_length(b, c->expected, wide);
}

static unsigned transmit(const struct command *plain)
{
    static struct bytes covered, objects, whole, inner;
    if (!secure) {
        encode(&whole, plain);
        return exchange(&whole);
    }
    u8 head[16] = {plain->cla | 0x0c, plain->ins, plain->p1, plain->p2, 0x80};
    next_message(ctx);
    clear(&objects);
    if (plain->data.length && !append_encrypted(ctx, &objects, plain->ins, plain->data))
        return 0;
    if (plain->expected) {
        u8 le[2] = {plain->expected >> 8, plain->expected};
        int wide = plain->expected > 0x100;
        append_object(&objects, 0x97, wide ? le : le + 1, 1 + wide);
    }
    clear(&covered);
    append(&covered, head, objects.length ? 16 : 4);
    append(&covered, objects.data, objects.length);
    if (!append_mac(ctx, &objects, &covered))
        return 0;
    int wide = plain->expected > 0x100 || objects.length > 0xff;
    struct command c = {head[0], head[1], head[2], head[3], {objects.data, objects.length},
                        wide ? 0x10000 : 0x100};
    encode(&whole, &c);
    unsigned outer = exchange(&whole);

    next_message(ctx);
    struct part all = {answer.data, answer.length}, status = find(all, 0x99), mac = find(all, 0x8e);
    if (!mac.data || mac.data + mac.length != all.data + all.length)
        return 0;
    clear(&covered);
    append(&covered, all.data, all.length - 10);
    if (!is_mac(ctx, mac, &covered) || status.length != 2 || !decrypted(ctx, all, &inner))
        return 0;
    unsigned word = status.data[0] << 8 | status.data[1];
    clear(&answer);
    append(&answer, inner.data, inner.length);
    return word == outer ? word : 0;
}

static int send(struct part apdu)
{
    struct command c;
    if (!secure || !parse_command(apdu, &c))
        return fail("command");
    unsigned status = transmit(&c);
    if (!status)
        return fail("secure messaging");
    append_status(&answer, status);
    return 1;
}

int main(void)
{
    struct bytes words = {0}, bytes = {0};
    char *line;
    EAC_init();
    while ((line = read_line())) {
        clear(&words);
        append(&words, line, strlen(line) + 1);
        char *rest = NULL, *verb = strtok_r((char *)words.data, " ", &rest);
        char *first = strtok_r(NULL, " ", &rest), *second = strtok_r(NULL, " ", &rest);
        struct part nothing = {NULL, 0};
        if (!verb)
            return 1;
        if (!strcmp(verb, "access") && first && from_hex(first, &access_file)) {
            print_hex("ok", nothing);
        } else if (!strcmp(verb, "open") && second) {
            if (open_channel(atoi(first), second))
                print_hex("ok", nothing);
        } else if (!strcmp(verb, "send") && first && from_hex(first, &bytes)) {
            if (send((struct part){bytes.data, bytes.length}))
                print_hex("ok ", (struct part){answer.data, answer.length});
        } else if (!strcmp(verb, "authenticate") && first && from_hex(first, &bytes)) {
            if (authenticate_chip((struct part){bytes.data, bytes.length}))
                print_hex("ok", nothing);
        } else if (!strcmp(verb, "time")) {
            struct timespec used;
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
            printf("ok %lld\n", used.tv_sec * 1000000000LL + used.tv_nsec);
            fflush(stdout);
        } else {
            return 1;
        }
    }
    forget();
    EAC_cleanup();
    return 0;
}
