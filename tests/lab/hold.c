/*
 * Loaded into sshd: once it has logged that a channel open was received, it goes no further.
 *
 * The process then is as one that is stopped or that waits for a dead disk: its log ends at that line, and the client
 * waits for an answer that never comes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*next)(int, const void *, size_t);
    static const char words[] = "debug3: receive packet: type 90";
    ssize_t done;

    if (next == NULL)
        next = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    done = next(fd, data, size);
    if (size >= sizeof(words) - 1 && memcmp(data, words, sizeof(words) - 1) == 0)
        for (;;)
            pause();
    return done;
}
