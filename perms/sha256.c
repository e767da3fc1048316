/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/sha256.h"

#include <string.h>

static void
hash_by_glib (GChecksum *checksum, const guint8 *octets, gsize size, guint8 *sum)
{
  gsize sum_size = PERMS_SHA256_SIZE;

  g_checksum_reset (checksum);
  g_checksum_update (checksum, octets, (gssize) size);
  g_checksum_get_digest (checksum, sum, &sum_size);
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define BLOCK_SIZE  64 /* FIPS 180-4, 1 */
#define LENGTH_SIZE 8  /* FIPS 180-4, 5.1.1 */

/* CPUID leaves (Intel SDM, volume 2A, CPUID). */
#define HAS_SSSE3 (1U << 9)  /* leaf 1, ECX */
#define HAS_SSE41 (1U << 19) /* leaf 1, ECX */
#define HAS_SHA   (1U << 29) /* leaf 7, EBX */

/* FIPS 180-4, 4.2.2 */
static const guint32 constants[BLOCK_SIZE] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
  0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
  0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
  0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
  0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
  0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
  0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
};

/* FIPS 180-4, 5.3.3, in the order in which the instructions take it: A B E F and C D G H,
 * the last one lowest (Intel SDM, volume 2B, SHA256RNDS2). */
typedef struct
{
  __m128i abef;
  __m128i cdgh;
} State;

static const guint32 start_abef[] = { 0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667 };
static const guint32 start_cdgh[] = { 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372 };

static __m128i
load (const void *place)
{
  return _mm_loadu_si128 ((const __m128i_u *) place);
}

/* FIPS 180-4, 6.2.2. Four words of the schedule at a time. */
__attribute__ ((target ("sha,sse4.1"))) static void
take_block (State *state, const guint8 *octets)
{
  const __m128i big_endian = _mm_set_epi64x (0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef = state->abef, cdgh = state->cdgh, words[4];

  for (gsize i = 0; i < 4; i++)
    words[i] = _mm_shuffle_epi8 (load (octets + i * sizeof *words), big_endian);
#pragma GCC unroll 16
  for (gsize i = 0; i < 16; i++)
    {
      __m128i sum = _mm_add_epi32 (words[i % 4], load (constants + i * 4));

      cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32 (abef, cdgh, _mm_shuffle_epi32 (sum, 0x0e));
      __m128i later = _mm_alignr_epi8 (words[(i + 3) % 4], words[(i + 2) % 4], 4);
      words[i % 4] = _mm_sha256msg2_epu32 (
        _mm_add_epi32 (_mm_sha256msg1_epu32 (words[i % 4], words[(i + 1) % 4]), later),
        words[(i + 3) % 4]);
    }
  state->abef = _mm_add_epi32 (state->abef, abef);
  state->cdgh = _mm_add_epi32 (state->cdgh, cdgh);
}

static void
put_sum (const State *state, guint8 *sum)
{
  guint32 abef[4], cdgh[4];

  _mm_storeu_si128 ((__m128i_u *) abef, state->abef);
  _mm_storeu_si128 ((__m128i_u *) cdgh, state->cdgh);
  const guint32 words[] = { abef[3], abef[2], cdgh[3], cdgh[2],
                            abef[1], abef[0], cdgh[1], cdgh[0] };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      guint32 word = GUINT32_TO_BE (words[i]);

      memcpy (sum + i * sizeof word, &word, sizeof word);
    }
}

static void
hash_by_processor (const guint8 *octets, gsize size, guint8 *sum)
{
  State state = { load (start_abef), load (start_cdgh) };
  guint8 tail[2 * BLOCK_SIZE] = { 0 };
  gsize n_left = size % BLOCK_SIZE;
  gsize n_tail = n_left + 1 + LENGTH_SIZE <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
  guint64 n_bits = GUINT64_TO_BE ((guint64) size * 8);

  for (gsize i = 0; i + BLOCK_SIZE <= size; i += BLOCK_SIZE)
    take_block (&state, octets + i);
  if (n_left > 0)
    memcpy (tail, octets + size - n_left, n_left);
  tail[n_left] = 0x80; /* FIPS 180-4, 5.1.1 */
  memcpy (tail + n_tail - LENGTH_SIZE, &n_bits, sizeof n_bits);
  for (gsize i = 0; i < n_tail; i += BLOCK_SIZE)
    take_block (&state, tail + i);
  put_sum (&state, sum);
}

static gboolean
ask_processor (void)
{
  guint a = 0, b = 0, c = 0, d = 0;

  if (!__get_cpuid (1, &a, &b, &c, &d) ||
      (c & (HAS_SSSE3 | HAS_SSE41)) != (HAS_SSSE3 | HAS_SSE41))
    return FALSE;
  return __get_cpuid_count (7, 0, &a, &b, &c, &d) && (b & HAS_SHA) != 0;
}

gboolean
perms_sha256_is_fast (void)
{
  static gsize answer = 0; /* 1: no, 2: yes */

  if (g_once_init_enter (&answer))
    g_once_init_leave (&answer, ask_processor () ? 2 : 1);
  return answer == 2;
}

#else

static void
hash_by_processor (const guint8 *octets, gsize size, guint8 *sum)
{
  g_assert_not_reached ();
}

gboolean
perms_sha256_is_fast (void)
{
  return FALSE;
}

#endif

void
perms_sha256 (GChecksum *checksum,
              const guint8 *octets,
              gsize size,
              guint8 ret_sum[PERMS_SHA256_SIZE])
{
  if (perms_sha256_is_fast ())
    hash_by_processor (octets, size, ret_sum);
  else
    hash_by_glib (checksum, octets, size, ret_sum);
}
