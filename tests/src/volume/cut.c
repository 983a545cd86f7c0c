/* Cuts the power of the ext4 that is mounted at a path: from here on nothing reaches its device, and what
 * was not synced is lost (EXT4_IOC_SHUTDOWN with NOLOGFLUSH, what xfstests calls "godown"). */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int count, char **words)
{
	unsigned int no_log_flush = 2;
	int at = count == 2 ? open(words[1], O_RDONLY | O_DIRECTORY) : -1;

	if (at < 0 || ioctl(at, _IOR('X', 125, unsigned int), &no_log_flush)) {
		perror("cut");
		return 1;
	}
	return 0;
}
