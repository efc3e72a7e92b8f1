/* One pass over log bytes: cut lines, mask every token that holds a digit, count per masked line and stamp.

   This file and masking.py/fallback.py define the same keys, counts and offsets; tests/evidence/logs compares them on
   hostile bytes. Plain C99 with no Python headers, so that a compiler alone is enough; loaded through ctypes, which
   releases the interpreter lock while it runs.

   A line ends with LF, CR LF or a bare CR. A token is a run of letters, digits, `_`, `-`, bytes from 128 up, and dots
   that stand alone; a token with a digit becomes `#`, save a three-digit status (see is_status). Only the first HEAD
   bytes of a line are looked at. A stamp is text that matches one of the learnt pictures (`0` a digit, `a` a letter);
   a line without one belongs to the stamp of the line before. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define HEAD 4096     /* bytes of a line that make its key */
#define EXEMPLAR 1024 /* bytes of the first raw line that are kept for each key */
#define STAMP 48      /* bytes kept from the start of a stamp, for reading its zone and fraction in Python */
#define PICTURES 16
#define MULTIPLIER 0x9E3779B97F4A7C15ull

enum { TOKEN = 1, DIGIT = 2, DOT = 4, END = 8 };

typedef struct { uint64_t hash; uint32_t text, length, raw, raw_length, slot, cell; } Key;
typedef struct { uint32_t key, slot; int64_t count, first, last, offset; } Cell;
typedef struct { uint64_t hash; int64_t minute; uint32_t length; uint8_t text[STAMP]; } Slot;

typedef struct {
  Key *keys; Cell *cells; Slot *slots; uint8_t *arena;
  uint32_t *key_table, *cell_table, *slot_table;
  uint32_t keys_used, keys_max, cells_used, cells_max, slots_used, slots_max, arena_used, arena_max;
  uint32_t key_mask, cell_mask, slot_mask;
  uint32_t slot;                 /* the slot of the line before; 0: no stamp seen since the last reset */
  int32_t words;                 /* keep this many words of a key; negative: all */
  int32_t lowest, highest, pictures, column;
  int64_t ticks;                 /* epoch units in a second; 0: the stamp is text */
  uint32_t picture_length[PICTURES]; uint8_t picture[PICTURES][STAMP];
  uint8_t last_stamp[STAMP]; uint32_t last_length;
  int64_t lines;                 /* consumed by the last feed */
  int32_t stuck;                 /* the last feed stopped for want of room */
} Kernel;

static uint8_t CLASS[256];

static uint32_t table_size(uint32_t entries) { uint32_t size = 64; while (size < entries * 2) size *= 2; return size; }

static inline uint64_t mix(uint64_t hash, uint64_t value) { hash = (hash ^ value) * MULTIPLIER; return hash ^ (hash >> 29); }

static inline uint64_t hash_bytes(const uint8_t *text, uint32_t length) {
  uint64_t hash = MULTIPLIER ^ length, value = 0;
  while (length >= 8) { memcpy(&value, text, 8); hash = mix(hash, value); text += 8; length -= 8; }
  value = 0; memcpy(&value, text, length);
  return mix(hash, value);
}

void kernel_reset(Kernel *k) {
  k->keys_used = k->cells_used = k->arena_used = k->slot = k->last_length = 0; k->slots_used = 1;
  memset(k->key_table, 0, (k->key_mask + 1ull) * 4);
  memset(k->cell_table, 0, (k->cell_mask + 1ull) * 4);
  memset(k->slot_table, 0, (k->slot_mask + 1ull) * 4);
}

void kernel_free(Kernel *k) {
  if (!k) return;
  free(k->keys); free(k->cells); free(k->slots); free(k->arena);
  free(k->key_table); free(k->cell_table); free(k->slot_table); free(k);
}

Kernel *kernel_new(uint32_t keys, uint32_t cells, uint32_t slots, uint32_t arena) {
  for (int c = 'a'; c <= 'z'; c++) CLASS[c] = CLASS[c - 32] = TOKEN;
  for (int c = '0'; c <= '9'; c++) CLASS[c] = TOKEN | DIGIT;
  for (int c = 128; c < 256; c++) CLASS[c] = TOKEN;
  CLASS['_'] = CLASS['-'] = TOKEN; CLASS['.'] = TOKEN | DOT; CLASS['\n'] = CLASS['\r'] = END;
  Kernel *k = calloc(1, sizeof *k);
  if (!k) return NULL;
  k->keys_max = keys; k->cells_max = cells; k->slots_max = slots; k->arena_max = arena; k->words = -1;
  k->key_mask = table_size(keys) - 1; k->cell_mask = table_size(cells) - 1; k->slot_mask = table_size(slots) - 1;
  k->keys = malloc(keys * sizeof(Key)); k->cells = malloc(cells * sizeof(Cell)); k->slots = calloc(slots, sizeof(Slot));
  k->arena = malloc(arena);
  k->key_table = malloc((k->key_mask + 1ull) * 4); k->cell_table = malloc((k->cell_mask + 1ull) * 4);
  k->slot_table = malloc((k->slot_mask + 1ull) * 4);
  if (!k->keys || !k->cells || !k->slots || !k->arena || !k->key_table || !k->cell_table || !k->slot_table) {
    kernel_free(k); return NULL;
  }
  kernel_reset(k);
  return k;
}

/* pictures: each a byte that is its length, then its text; the longest first */
void kernel_layout(Kernel *k, int32_t lowest, int32_t highest, int64_t ticks, const uint8_t *pictures, int32_t count) {
  k->lowest = lowest; k->highest = highest; k->ticks = ticks; k->column = lowest;
  k->pictures = count < PICTURES ? count : PICTURES;
  for (int32_t i = 0; i < k->pictures; i++) {
    uint32_t length = *pictures++;
    k->picture_length[i] = length; memcpy(k->picture[i], pictures, length); pictures += length;
  }
}

void kernel_words(Kernel *k, int32_t words) { k->words = words; }

static inline int is_letter(uint8_t c) { c |= 32; return c >= 'a' && c <= 'z'; }
static inline int is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

/* the length of the first picture that matches at `text`; 0 when none does */
static uint32_t matches(const Kernel *k, const uint8_t *text, const uint8_t *end) {
  for (int32_t i = 0; i < k->pictures; i++) {
    uint32_t length = k->picture_length[i], j = 0;
    if ((int64_t)length > end - text) continue;
    for (; j < length; j++) {
      uint8_t want = k->picture[i][j], c = text[j];
      if (want == '0' ? !is_digit(c) : want == 'a' ? !is_letter(c) : want != c) break;
    }
    if (j == length && !(k->ticks && text + length < end && is_digit(text[length]))) return length;
  }
  return 0;
}

/* make the slot of the stamp at `text` the current one; 0 when there is no room for a new one */
static int take_slot(Kernel *k, const uint8_t *text, uint32_t length, const uint8_t *end) {
  int64_t minute = 0;
  uint64_t hash;
  if (k->ticks) {
    for (uint32_t i = 0; i < length; i++) minute = minute * 10 + (text[i] - '0');
    minute /= k->ticks * 60; hash = mix(MULTIPLIER, (uint64_t)minute);
  } else hash = hash_bytes(text, length);
  uint32_t at = (uint32_t)hash & k->slot_mask, found;
  while ((found = k->slot_table[at])) {
    Slot *s = &k->slots[found];
    if (s->hash == hash && (k->ticks ? s->minute == minute : !memcmp(s->text, text, length))) break;
    at = (at + 1) & k->slot_mask;
  }
  if (!found) {
    if (k->slots_used == k->slots_max) return 0;
    found = k->slots_used++; k->slot_table[at] = found;
    Slot *s = &k->slots[found];
    s->hash = hash; s->minute = minute; s->length = end - text < STAMP ? (uint32_t)(end - text) : STAMP;
    memset(s->text, 0, STAMP); memcpy(s->text, text, s->length);
  }
  k->slot = found; memcpy(k->last_stamp, text, length); k->last_length = length;
  return 1;
}

/* whether a stamp may start at `at`: at the line's beginning, behind a sign, or behind a colour (ESC [ 2 m) */
static int may_start(const uint8_t *line, const uint8_t *at) {
  if (at == line || !(is_letter(at[-1]) || is_digit(at[-1]))) return 1;
  if (at[-1] != 'm' || at - line < 4) return 0;
  const uint8_t *p = at - 2;
  for (int digits = 0; digits < 2 && p > line && is_digit(*p); digits++) p--;
  return p > line && p < at - 2 && p[0] == '[' && p[-1] == 0x1b;
}

static int read_stamp(Kernel *k, const uint8_t *line, const uint8_t *end) {
  const uint8_t *guess = line + k->column;
  if (k->last_length && end - guess >= (int64_t)k->last_length && !memcmp(guess, k->last_stamp, k->last_length) &&
      k->lowest == k->highest && k->last_length == k->picture_length[0] && !k->ticks && may_start(line, guess)) return 1;
  int64_t stop = end - line - 1 < k->highest ? end - line - 1 : k->highest;
  for (int64_t column = k->lowest; column <= stop; column++) {
    if (!may_start(line, line + column)) continue;
    uint32_t length = matches(k, line + column, end);
    if (!length) continue;
    if (length == k->last_length && !memcmp(line + column, k->last_stamp, length)) return 1;
    return take_slot(k, line + column, length, end);
  }
  return 1;
}

/* A status is three digits, the first 1 to 5, behind `" ` (access logs) or behind the word status or code and at most
   three of `=`, `:`, quote, blank: its values are few, and which of them rises is what an incident is about. */
static int is_status(const uint8_t *line, const uint8_t *token) {
  const uint8_t *p = token;
  if (token[0] < '1' || token[0] > '5') return 0;
  if (p - line >= 2 && p[-1] == ' ' && p[-2] == '"') return 1;
  int skipped = 0;
  while (p > line && skipped < 3 && (p[-1] == '=' || p[-1] == ':' || p[-1] == '"' || p[-1] == '\'' || p[-1] == ' ')) { p--; skipped++; }
  if (!skipped) return 0;
  static const char *const word[2] = {"status", "code"};
  for (int w = 0; w < 2; w++) {
    int64_t length = w ? 4 : 6, i = 0;
    if (p - line < length) continue;
    while (i < length && (p[i - length] | 32) == word[w][i]) i++;
    if (i == length) return 1;
  }
  return 0;
}

/* Bit maps of 64 bytes: which belong to tokens, which are digits, which are dots. */
static inline void classify(const uint8_t *p, uint64_t *token, uint64_t *digit, uint64_t *dot) {
  uint64_t t = 0, d = 0, o = 0;
#ifdef __SSE2__
  for (int i = 0; i < 4; i++) {
    __m128i v = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    __m128i lower = _mm_or_si128(v, _mm_set1_epi8(32));
    /* signed compares: bytes from 128 up are negative, and tokens by their sign */
    __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)), _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
    __m128i number = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('0' - 1)), _mm_cmplt_epi8(v, _mm_set1_epi8('9' + 1)));
    __m128i point = _mm_cmpeq_epi8(v, _mm_set1_epi8('.'));
    __m128i sign = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('_')), _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
    __m128i any = _mm_or_si128(_mm_or_si128(_mm_or_si128(letter, number), _mm_or_si128(point, sign)), v);
    t |= (uint64_t)(uint16_t)_mm_movemask_epi8(any) << (16 * i);
    d |= (uint64_t)(uint16_t)_mm_movemask_epi8(number) << (16 * i);
    o |= (uint64_t)(uint16_t)_mm_movemask_epi8(point) << (16 * i);
  }
#else
  for (int i = 0; i < 64; i++) {
    uint64_t c = CLASS[p[i]];
    t |= (c & TOKEN) << i; d |= (c >> 1 & 1) << i; o |= (c >> 2 & 1) << i;
  }
#endif
  *token = t; *digit = d; *dot = o;
}

static inline uint32_t token_start(const uint64_t *token, uint32_t at) {
  uint32_t w = at >> 6;
  uint64_t gap = ~token[w] & ((1ull << (at & 63)) - 1);
  while (!gap) { if (!w) return 0; gap = ~token[--w]; }
  return w * 64 + 64 - (uint32_t)__builtin_clzll(gap);
}

static inline uint32_t token_end(const uint64_t *token, uint32_t at) {
  uint32_t w = at >> 6;
  uint64_t gap = ~token[w] & (~0ull << (at & 63));
  while (!gap) gap = ~token[++w];
  return w * 64 + (uint32_t)__builtin_ctzll(gap);
}

#define MAPS (HEAD / 64 + 1)

/* Mask the first `length` bytes of line into out; returns the masked length. Only tokens with a digit cost a step, what
   lies between is copied. The line must be readable up to the next multiple of 64 bytes. */
static uint32_t mask(const uint8_t *line, uint32_t length, uint8_t *out) {
  uint64_t token[MAPS + 1], digit[MAPS], dot[MAPS], pairs = 0, last = 0;
  uint32_t words = (length + 63) / 64, from = 0, skip = 0;
  uint8_t *o = out;
  for (uint32_t w = 0; w < words; w++) {
    classify(line + w * 64, &token[w], &digit[w], &dot[w]);
    if (w == words - 1 && length & 63) {
      uint64_t inside = (1ull << (length & 63)) - 1;
      token[w] &= inside; digit[w] &= inside; dot[w] &= inside;
    }
    pairs |= dot[w] & (dot[w] << 1 | last); last = dot[w] >> 63;
  }
  token[words] = 0;
  if (pairs) for (uint32_t w = 0; w < words; w++) { /* dots beside dots separate */
    uint64_t before = dot[w] << 1 | (w ? dot[w - 1] >> 63 : 0), after = dot[w] >> 1 | (w + 1 < words ? dot[w + 1] << 63 : 0);
    token[w] &= ~(dot[w] & (before | after));
  }
  for (uint32_t w = 0; w < words; w++) {
    uint64_t d = digit[w];
    if (skip > w * 64) { if (skip >= w * 64 + 64) continue; d &= ~0ull << (skip - w * 64); }
    while (d) {
      uint32_t at = w * 64 + (uint32_t)__builtin_ctzll(d), start = token_start(token, at), end = token_end(token, at);
      if (!(end - start == 3 && is_digit(line[start]) && is_digit(line[start + 1]) && is_digit(line[start + 2]) && is_status(line, line + start))) {
        memcpy(o, line + from, start - from); o += start - from; *o++ = '#'; from = end;
      }
      skip = end;
      if (end >= w * 64 + 64) break;
      d &= ~0ull << (end - w * 64);
    }
  }
  memcpy(o, line + from, length - from);
  return (uint32_t)(o - out) + length - from;
}

static uint32_t cut_words(const uint8_t *text, uint32_t length, int32_t words) {
  uint32_t i = 0;
  while (i < length) {
    if (!(CLASS[text[i]] & TOKEN) && text[i] != '#') { i++; continue; }
    if (!words--) return i;
    while (i < length && ((CLASS[text[i]] & TOKEN) || text[i] == '#')) i++;
  }
  return length;
}

/* the key's number plus one, 0 when there is no room */
static inline uint32_t take_key(Kernel *k, const uint8_t *text, uint32_t length, const uint8_t *line, uint32_t raw_length) {
  uint64_t hash = hash_bytes(text, length);
  uint32_t at = (uint32_t)(hash >> 20) & k->key_mask, found;
  while ((found = k->key_table[at])) {
    Key *e = &k->keys[found - 1];
    if (e->hash == hash && e->length == length && !memcmp(k->arena + e->text, text, length)) return found;
    at = (at + 1) & k->key_mask;
  }
  if (raw_length > EXEMPLAR) raw_length = EXEMPLAR;
  if (k->keys_used == k->keys_max || k->arena_max - k->arena_used < length + raw_length) return 0;
  Key *e = &k->keys[k->keys_used++];
  e->hash = hash; e->text = k->arena_used; e->length = length; e->slot = e->cell = UINT32_MAX;
  memcpy(k->arena + k->arena_used, text, length); k->arena_used += length;
  e->raw = k->arena_used; e->raw_length = raw_length;
  memcpy(k->arena + k->arena_used, line, raw_length); k->arena_used += raw_length;
  return k->key_table[at] = k->keys_used;
}

/* the key's cell for the current slot, NULL when there is no room */
static Cell *take_cell(Kernel *k, uint32_t key, int64_t number, int64_t offset) {
  uint64_t hash = mix(mix(MULTIPLIER, key), k->slot);
  uint32_t at = (uint32_t)(hash >> 20) & k->cell_mask, found;
  while ((found = k->cell_table[at])) {
    Cell *c = &k->cells[found - 1];
    if (c->key == key && c->slot == k->slot) break;
    at = (at + 1) & k->cell_mask;
  }
  if (!found) {
    if (k->cells_used == k->cells_max) return NULL;
    Cell *c = &k->cells[k->cells_used++];
    c->key = key; c->slot = k->slot; c->count = 0; c->first = number; c->offset = offset;
    found = k->cell_table[at] = k->cells_used;
  }
  k->keys[key].slot = k->slot; k->keys[key].cell = found - 1;
  return &k->cells[found - 1];
}

/* Count the whole lines of data; `final` says that no byte follows. Returns the bytes consumed, fewer than offered
   when the rest is no whole line or when a table is full (then the caller drains, resets and goes on). */
int64_t kernel_feed(Kernel *k, const uint8_t *data, int64_t size, int64_t offset, int64_t number, int32_t final) {
  const uint8_t *p = data, *end = data + size;
  const uint8_t *feed = data, *turn = data; /* the next LF and CR, both found once */
  uint8_t masked[HEAD + 8], padded[HEAD + 64];
  int64_t from = number;
  k->stuck = 0;
  while (p < end) {
    const uint8_t *line = p, *stop;
    if (feed < end && (feed < p || *feed != '\n')) { feed = memchr(p, '\n', (size_t)(end - p)); if (!feed) feed = end; }
    if (turn < end && (turn < p || *turn != '\r')) { turn = memchr(p, '\r', (size_t)(end - p)); if (!turn) turn = end; }
    stop = feed < turn ? feed : turn;
    if (stop == end && !final) break;
    p = stop;
    if (p < end) {
      if (*p == '\r') {
        if (p + 1 == end && !final) { p = line; break; } /* the next byte may be this line's LF */
        p += p + 1 < end && p[1] == '\n' ? 2 : 1;
      } else p++;
    }
    const uint8_t *head = stop - line > HEAD ? line + HEAD : stop;
    uint32_t slot_before = k->slot;
    if (k->pictures && !read_stamp(k, line, head)) { k->stuck = 1; p = line; break; }
    const uint8_t *text = line;
    if (end - line < HEAD + 64) { memset(padded, 0, sizeof padded); memcpy(padded, line, (size_t)(head - line)); text = padded; }
    uint32_t length = mask(text, (uint32_t)(head - line), masked);
    if (k->words >= 0) length = cut_words(masked, length, k->words);
    uint32_t key = take_key(k, masked, length, line, (uint32_t)(head - line));
    Cell *cell = !key ? NULL : k->keys[key - 1].slot == k->slot ? &k->cells[k->keys[key - 1].cell]
                                                                 : take_cell(k, key - 1, number, offset + (line - data));
    if (!cell) { k->slot = slot_before; k->stuck = 1; p = line; break; }
    cell->count++; cell->last = number++;
  }
  k->lines = number - from;
  return p - data;
}

int64_t kernel_lines(const Kernel *k) { return k->lines; }
uint32_t kernel_slot(const Kernel *k) { return k->slot; }
int32_t kernel_full(const Kernel *k) { /* little room left: drain before the next feed */
  return k->stuck || k->keys_used * 4ull > k->keys_max * 3ull || k->cells_used * 4ull > k->cells_max * 3ull ||
         k->arena_used * 4ull > k->arena_max * 3ull || k->slots_used * 4ull > k->slots_max * 3ull;
}

/* the tables: 0 keys, 1 cells, 2 slots, 3 arena */
const void *kernel_table(const Kernel *k, int32_t which, int64_t *used) {
  switch (which) {
    case 0: *used = k->keys_used; return k->keys;
    case 1: *used = k->cells_used; return k->cells;
    case 2: *used = k->slots_used; return k->slots;
    default: *used = k->arena_used; return k->arena;
  }
}
