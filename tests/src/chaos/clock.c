/* A wrong clock for one process: loaded before the C library, it adds to the time of day as many seconds as
 * stand in the file that PIRATE_TEST_CLOCK names, as often as anybody asks. The file may be changed meanwhile.
 * Time that only passes (CLOCK_MONOTONIC) is left alone, as it is when a machine's clock is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("PIRATE_TEST_CLOCK");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = file < 0 ? MAP_FAILED : mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);

	if (file >= 0)
		close(file);
	if (at != MAP_FAILED)
		offset = at;
	real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t which, struct timespec *time)
{
	if (!real)
		begin();
	int failed = real(which, time);
	if (!failed && offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
		time->tv_sec += *offset;
	return failed;
}
