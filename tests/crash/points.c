/*
 * Counts the moments at which a program has what it writes put on the disk, and kills it at one of
 * them, as a crash would: loaded before the C library (LD_PRELOAD).
 *
 *   LICHNA_CRASH_COUNT  file that a byte is appended to at each such moment: its size is their number
 *   LICHNA_CRASH_AT     number of the moment at which the program is killed; 0, or none: it is not
 *   LICHNA_CRASH_WHEN   "before" the disk has it, or "after"
 *   LICHNA_CRASH_WITH   number of the process that is killed a moment earlier
 *   LICHNA_CRASH_ARMED  nothing is counted, and nobody killed, before this file is there
 *
 * The file that counts is never itself put on the disk, so it counts nothing of its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static long seen;

static void killed(void)
{
	const char *with = getenv("LICHNA_CRASH_WITH");
	long other = with ? strtol(with, NULL, 10) : 0;

	if (other > 0)
		kill((pid_t)other, SIGKILL);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* Counts a moment; nonzero when it is the one. */
static int counts(void)
{
	const char *file = getenv("LICHNA_CRASH_COUNT");
	const char *at = getenv("LICHNA_CRASH_AT");
	const char *armed = getenv("LICHNA_CRASH_ARMED");
	long wanted = at ? strtol(at, NULL, 10) : 0;
	int is;

	if (armed && access(armed, F_OK) != 0)
		return 0;
	pthread_mutex_lock(&one);
	seen++;
	if (file) {
		int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		if (fd >= 0) {
			ssize_t written = write(fd, "x", 1);

			(void)written;
			close(fd);
		}
	}
	is = wanted > 0 && seen == wanted;
	pthread_mutex_unlock(&one);
	return is;
}

static int is_after(void)
{
	const char *when = getenv("LICHNA_CRASH_WHEN");

	return when && strcmp(when, "after") == 0;
}

static int put(long call, int fd)
{
	int is = counts();
	int done;

	if (is && !is_after())
		killed();
	done = (int)syscall(call, fd);
	if (is)
		killed();
	return done;
}

int fsync(int fd)
{
	return put(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return put(SYS_fdatasync, fd);
}
