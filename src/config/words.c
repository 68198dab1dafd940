/* SPDX-License-Identifier: Apache-2.0 */
#include "config/words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const struct {
	char letter, meaning;
} escapes[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};

/* `*text` stands behind the backslash. */
static int decode_escape(const char *what, const char **text, char *ret_c, struct err *e)
{
	const char *s = *text;

	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		if (s[0] == escapes[i].letter) {
			*ret_c = escapes[i].meaning;
			*text = s + 1;
			return 0;
		}
	}
	if (s[0] == 'x' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0 &&
	    !(s[1] == '0' && s[2] == '0')) {
		*ret_c = (char)(hex_digit(s[1]) * 16 + hex_digit(s[2]));
		*text = s + 3;
		return 0;
	}
	return err_set(e, ERR_INPUT, -EINVAL,
		       "%s: '\\%.1s' is no escape: \\n \\t \\r \\\" \\\\ and \\x01 to \\xff are",
		       what, s);
}

/* `*text` stands behind the opening quote, afterwards behind the closing one. */
static int decode_double(const char *what, const char **text, struct strbuf *out, struct err *e)
{
	while (**text != '"') {
		char c = *(*text)++;
		int r;

		if (c == '\0')
			return err_set(e, ERR_INPUT, -EINVAL, "%s: a '\"' is not closed", what);
		if (c == '\\') {
			r = decode_escape(what, text, &c, e);
			if (r < 0)
				return r;
		}
		strbuf_append_bytes(out, &c, 1);
	}
	(*text)++;
	return 0;
}

static int decode_single(const char *what, const char **text, struct strbuf *out, struct err *e)
{
	const char *end = strchr(*text, '\'');

	if (!end)
		return err_set(e, ERR_INPUT, -EINVAL, "%s: a \"'\" is not closed", what);
	strbuf_append_bytes(out, *text, (size_t)(end - *text));
	*text = end + 1;
	return 0;
}

/* One word: quoted and plain pieces side by side. */
static int decode_word(const char *what, const char **text, struct strbuf *out, struct err *e)
{
	int r = 0;

	while (r == 0 && **text != '\0' && !is_blank(**text)) {
		char c = *(*text)++;

		if (c == '"') {
			r = decode_double(what, text, out, e);
		} else if (c == '\'') {
			r = decode_single(what, text, out, e);
		} else {
			if (c == '\\' && **text != '\0')
				c = *(*text)++;
			strbuf_append_bytes(out, &c, 1);
		}
	}
	return r;
}

/* The lowest code point that needs as many bytes, and the bits that the first byte gives. */
static const struct {
	unsigned char mask, lead;
	unsigned int first;
} sequences[] = {{0x80, 0x00, 1}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

/* Length of the sequence at `s`, 0 when it is not well-formed. */
static size_t sequence_length(const unsigned char *s)
{
	size_t more = 0;
	unsigned int point;

	while (more < 4 && (s[0] & sequences[more].mask) != sequences[more].lead)
		more++;
	if (more == 4)
		return 0;
	point = s[0] & (unsigned int)~sequences[more].mask;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fu);
	}
	if (point < sequences[more].first || point > 0x10ffff || (point & ~0x7ffu) == 0xd800)
		return 0;
	return more + 1;
}

bool words_is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t length = sequence_length(s);

		if (length == 0)
			return false;
		s += length;
	}
	return true;
}

static int check_utf8(const char *what, const char *text, struct err *e)
{
	if (words_is_utf8(text))
		return 0;
	return err_set(e, ERR_INPUT, -EILSEQ, "%s: is not UTF-8", what);
}

int words_split(const char *what, const char *text, struct arena *a, const char *const **ret_words,
		struct err *e)
{
	const char **words = ARENA_ARRAY(a, const char *, 1);
	size_t count = 0;

	for (;;) {
		_cleanup_strbuf_ struct strbuf word = STRBUF_INIT;
		int r;

		while (is_blank(*text))
			text++;
		if (*text == '\0')
			break;
		if (count++ == WORDS_MAX)
			return err_set(e, ERR_INPUT, -E2BIG, "%s: at most %d words", what,
				       WORDS_MAX);
		r = decode_word(what, &text, &word, e);
		if (r == 0)
			r = check_utf8(what, strbuf_text(&word), e);
		if (r < 0)
			return r;
		words = arena_strv_push(a, words, arena_strdup(a, strbuf_text(&word)));
	}
	*ret_words = words;
	return 0;
}

int words_unquote(const char *what, const char *text, struct arena *a, const char **ret_value,
		  struct err *e)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
	int r;

	if (*text != '"') {
		r = check_utf8(what, text, e);
		if (r == 0)
			*ret_value = arena_strdup(a, text);
		return r;
	}
	text++;
	r = decode_double(what, &text, &value, e);
	if (r == 0)
		r = check_utf8(what, strbuf_text(&value), e);
	if (r < 0)
		return r;
	if (*text != '\0')
		return err_set(e, ERR_INPUT, -EINVAL, "%s: '%.40s' stands behind the closing '\"'",
			       what, text);
	*ret_value = arena_strdup(a, strbuf_text(&value));
	return 0;
}

bool words_is_plain(const char *word)
{
	const char *s = word;

	while (isalnum((unsigned char)*s) || (*s && strchr("_@%+=:,./-", *s)))
		s++;
	return s != word && *s == '\0';
}

static void append_quoted(const char *text, struct strbuf *out)
{
	strbuf_append(out, "\"");
	for (const char *s = text; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			strbuf_printf(out, "\\%c", c);
		else if (c == '\n' || c == '\t' || c == '\r')
			strbuf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
		else if (c < 0x20 || c == 0x7f)
			strbuf_printf(out, "\\x%02x", c);
		else
			strbuf_append_bytes(out, s, 1);
	}
	strbuf_append(out, "\"");
}

void words_quote(const char *word, struct strbuf *out)
{
	if (words_is_plain(word))
		strbuf_append(out, word);
	else
		append_quoted(word, out);
}

void words_quote_value(const char *value, struct strbuf *out)
{
	size_t length = strlen(value);
	bool plain = length > 0 && value[0] != '"' && !is_blank(value[0]) &&
		     !is_blank(value[length - 1]);

	for (const char *s = value; plain && *s; s++)
		plain = (unsigned char)*s >= 0x20 && *s != 0x7f;
	if (plain)
		strbuf_append(out, value);
	else
		append_quoted(value, out);
}
