/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/top.h"

#define NCURSES_NOMACROS
#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <time.h>

struct screen {
	SCREEN *terminal;
	enum top_sort sort;
	size_t scroll;
	bool quit;
};

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int screen_open(struct screen *s, struct err *e)
{
	(void)setlocale(LC_CTYPE, "");
	/* newterm: initscr would end the program when it does not know the terminal. */
	s->terminal = newterm(NULL, stdout, stdin);
	if (!s->terminal)
		return err_set(
			e, ERR_HOST, -ENOTTY,
			"the terminal '%.40s' is not known; 'bulkhead top --once' needs none",
			getenv("TERM") ? getenv("TERM") : "");
	(void)cbreak();
	(void)noecho();
	(void)keypad(stdscr, TRUE);
	(void)curs_set(0);
	return 0;
}

static void screen_close(struct screen *s)
{
	(void)endwin();
	delscreen(s->terminal);
}

static void draw(struct call *c, struct screen *s, struct top_sample *sample)
{
	static const char *const orders[TOP_SORT_MAX] = {[TOP_BY_CPU] = "cpu",
							 [TOP_BY_MEMORY] = "memory",
							 [TOP_BY_PIDS] = "pids",
							 [TOP_BY_NAME] = "name"};
	int height = getmaxy(stdscr), width = getmaxx(stdscr);
	struct table table;

	top_table(sample, &table);
	if (s->scroll >= table_lines(&table))
		s->scroll = table_lines(&table) - 1;
	(void)erase();
	(void)mvaddnstr(0, 0, top_summary(c, sample), width);
	(void)attron(A_REVERSE);
	(void)mvaddnstr(2, 0, table_line(&table, 0), width);
	(void)attroff(A_REVERSE);
	for (size_t line = 1 + s->scroll; line < table_lines(&table); line++) {
		int y = (int)(line - s->scroll) + 2;

		if (y >= height - 1)
			break;
		(void)mvaddnstr(y, 0, table_line(&table, line), width);
	}
	(void)mvprintw(height - 1, 0, "sorted by %s   c cpu  m memory  p pids  n name   q quit",
		       orders[s->sort]);
	(void)refresh();
}

static void take_key(struct screen *s, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
	case 27:
		s->quit = true;
		break;
	case 'c':
		s->sort = TOP_BY_CPU;
		break;
	case 'm':
		s->sort = TOP_BY_MEMORY;
		break;
	case 'p':
		s->sort = TOP_BY_PIDS;
		break;
	case 'n':
		s->sort = TOP_BY_NAME;
		break;
	case KEY_DOWN:
		s->scroll++;
		break;
	case KEY_UP:
		s->scroll -= s->scroll > 0;
		break;
	default:
		break;
	}
}

/* Keys are answered at once, from the sample that is there. */
static void attend(struct call *c, struct screen *s, struct top_sample *sample, uint64_t until_usec)
{
	do {
		uint64_t now = now_usec();
		int key;

		draw(c, s, sample);
		timeout(now < until_usec ? (int)((until_usec - now) / 1000) : 0);
		key = getch();
		if (key == ERR)
			return;
		take_key(s, key);
		top_sort_rows(sample, s->sort);
	} while (!s->quit);
}

int top_screen(struct call *c, uint64_t interval_usec, enum top_sort sort, struct err *e)
{
	struct screen s = {.sort = sort};
	struct top_sample last = TOP_SAMPLE_INIT;
	int r = top_sample_take(c, &last, sort, &last, e);

	if (r < 0)
		return r;
	r = screen_open(&s, e);
	if (r < 0) {
		top_sample_done(&last);
		return r;
	}
	while (r == 0 && !s.quit) {
		struct top_sample next = TOP_SAMPLE_INIT;

		attend(c, &s, &last, now_usec() + interval_usec);
		if (s.quit)
			break;
		r = top_sample_take(c, &last, s.sort, &next, e);
		if (r == 0) {
			top_sample_done(&last);
			last = next;
		}
	}
	screen_close(&s);
	top_sample_done(&last);
	return r;
}
