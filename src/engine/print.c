/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/print.h"

#include "engine/operation.h"
#include "model/capability_names.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

struct flag_name {
	uint64_t flag;
	const char *name;
};

static const struct flag_name namespace_names[] = {
	{CLONE_NEWUSER, "user"},
	{CLONE_NEWPID, "pid"},
	{CLONE_NEWNS, "mount"},
	{CLONE_NEWNET, "network"},
	{CLONE_NEWIPC, "ipc"},
	{CLONE_NEWUTS, "uts"},
	{CLONE_NEWCGROUP, "cgroup"},
	{0x80 /* CLONE_NEWTIME */, "time"},
	{0, NULL},
};

static const struct flag_name mount_names[] = {
	{MS_RDONLY, "ro"},	   {MS_NOSUID, "nosuid"},
	{MS_NODEV, "nodev"},	   {MS_NOEXEC, "noexec"},
	{MS_RELATIME, "relatime"}, {MS_STRICTATIME, "strictatime"},
	{MS_NOATIME, "noatime"},   {MS_BIND, "bind"},
	{MS_REC, "rec"},	   {0, NULL},
};

static void print_flag_names(uint64_t flags, const struct flag_name *names, struct strbuf *out)
{
	const char *comma = "";

	for (; names->name; names++) {
		if (!(flags & names->flag))
			continue;
		strbuf_printf(out, "%s%s", comma, names->name);
		flags &= ~names->flag;
		comma = ",";
	}
	if (flags != 0)
		strbuf_printf(out, "%s0x%" PRIx64, comma, flags);
}

static void print_capabilities(uint64_t set, struct strbuf *out)
{
	const char *comma = "";

	for (int i = 0; i < CAPABILITY_COUNT; i++) {
		if (!(set & CAPABILITY_BIT(i)))
			continue;
		strbuf_printf(out, "%s%s", comma, capability_name(i));
		comma = ",";
	}
}

static void print_flags(const struct op *op, const char *label, struct strbuf *out)
{
	if (op->kind == OP_BIND || op->kind == OP_MOUNT) {
		if (op->flags == 0)
			return;
		strbuf_printf(out, " %s=", label);
		print_flag_names(op->flags, mount_names, out);
	} else if (op->kind == OP_SPAWN) {
		strbuf_printf(out, " %s=", label);
		print_flag_names(op->flags, namespace_names, out);
	} else if (op->kind == OP_CAPABILITIES) {
		strbuf_printf(out, " %s=", label);
		print_capabilities(op->flags, out);
	} else {
		strbuf_printf(out, " %s=%" PRIu64, label, op->flags);
	}
}

/* Quotes only what a reader could misread: blanks, control characters, quotes. */
static void print_text(const char *label, const char *text, struct strbuf *out)
{
	bool plain = text[0] != '\0' && strpbrk(text, " \t\n\"\\") == NULL;

	if (plain) {
		strbuf_printf(out, " %s=%s", label, text);
		return;
	}
	strbuf_printf(out, " %s=\"", label);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_printf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			strbuf_printf(out, "\\x%02x", (unsigned int)(unsigned char)*text);
		else
			strbuf_append_bytes(out, text, 1);
	}
	strbuf_append(out, "\"");
}

void op_print_fields(const struct op *op, struct strbuf *out)
{
	const struct operation *row = operation_get(op->kind);
	const struct {
		const char *label, *text;
	} texts[] = {
		{row->subject, op->subject},
		{row->source, op->source},
		{row->field, op->name},
		{row->value, op->value},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].label && texts[i].text && texts[i].text[0])
			print_text(texts[i].label, texts[i].text, out);
	}
	if (row->number && op->kind == OP_MKDIR)
		strbuf_printf(out, " %s=%04" PRIo64, row->number, op->number);
	else if (row->number)
		strbuf_printf(out, " %s=%" PRIu64, row->number, op->number);
	if (row->flags)
		print_flags(op, row->flags, out);
}

void plan_print(const struct plan *plan, struct strbuf *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct op *op = &plan->ops[i];

		strbuf_printf(out, "%-8s %-16s", op_stage_name(op->stage), op_kind_name(op->kind));
		op_print_fields(op, out);
		strbuf_append(out, "\n");
	}
}
