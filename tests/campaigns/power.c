/* Writes down, in order, what a process does to the files under a folder, so that a power cut can be played afterwards.
 *
 * LD_PRELOAD. POWER_FAIL_AFTER: after so many acts every further access to the folder fails, as to a stick pulled out.
 * POWER_ROOT: the folder. POWER_LOG: where to write. POWER_ACK: the file whose writes are promises.
 * Record: op (1), length of name, of second name, of data (4 each), offset (8), then name, second name, data; host order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 4096
static char root[PATH_MAX], acks[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static long left = -1;
static char *names[MOST];
static char appends[MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *told = getenv("POWER_ROOT"), *log = getenv("POWER_LOG"), *ack = getenv("POWER_ACK");
    if (!told || !log || !ack) return;
    snprintf(root, sizeof root, "%s/", told);
    snprintf(acks, sizeof acks, "%s", ack);
    root_length = strlen(root);
    if (getenv("POWER_FAIL_AFTER")) left = atol(getenv("POWER_FAIL_AFTER"));
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

static void all(const void *data, size_t length) {
    const char *at = data;
    while (length) {
        ssize_t done = syscall(SYS_write, log_fd, at, length);
        if (done <= 0) abort();
        at += done;
        length -= (size_t)done;
    }
}

static void note(char op, const char *name, const char *second, const void *data, size_t length, int64_t offset) {
    if (log_fd < 0) return;
    uint32_t sizes[3] = {(uint32_t)strlen(name), second ? (uint32_t)strlen(second) : 0, (uint32_t)length};
    pthread_mutex_lock(&lock);
    if (left > 0 && op != 'A') left--;
    all(&op, 1);
    all(sizes, sizeof sizes);
    all(&offset, sizeof offset);
    all(name, sizes[0]);
    if (second) all(second, sizes[1]);
    if (length) all(data, length);
    pthread_mutex_unlock(&lock);
}

/* The whole name of a path, relative to a folder's descriptor; 0 if it does not lie under the root. */
static int whole(int at, const char *path, char *out) {
    if (log_fd < 0 || !path) return 0;
    char base[PATH_MAX] = "";
    if (path[0] == '/') snprintf(out, PATH_MAX, "%s", path);
    else {
        if (at == AT_FDCWD) { if (!getcwd(base, sizeof base)) return 0; }
        else if (at >= 0 && at < MOST && names[at]) snprintf(base, sizeof base, "%s", names[at]);
        else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", at);
            ssize_t length = readlink(link, base, sizeof base - 1);
            if (length < 0) return 0;
            base[length] = 0;
        }
        if (strlen(base) + strlen(path) + 2 > PATH_MAX) return 0;
        strcpy(out, base);
        strcat(out, "/");
        strcat(out, path);
    }
    return !strncmp(out, root, root_length) || !strncmp(out, root, root_length - 1);
}

static int gone(const char *name) { if (left || !name || !strcmp(name, acks)) return 0; errno = EIO; return 1; }
static const char *of(int fd) { return fd >= 0 && fd < MOST ? names[fd] : 0; }

static int opened(int at, const char *path, int flags, mode_t mode) {
    char name[PATH_MAX];
    int ours = whole(at, path, name), there = 0;
    struct stat told;
    if (ours && gone(name)) return -1;
    if (ours) there = stat(name, &told) == 0;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    if (fd < 0 || fd >= MOST) return fd;
    free(names[fd]);
    names[fd] = 0;
    if (ours || (log_fd >= 0 && !strcmp(path, acks))) {
        names[fd] = strdup(ours ? name : acks);
        appends[fd] = (flags & O_APPEND) != 0;
        if (ours && !there && (flags & O_CREAT)) note('C', name, 0, 0, 0, 0);
        if (ours && there && (flags & O_TRUNC)) note('T', name, 0, 0, 0, 0);
    }
    return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return opened(at, path, flags | O_LARGEFILE, mode); }

int close(int fd) {
    if (fd >= 0 && fd < MOST) { free(names[fd]); names[fd] = 0; }
    return (int)syscall(SYS_close, fd);
}

static ssize_t wrote(int fd, const void *data, ssize_t done, int64_t offset) {
    if (of(fd) && done > 0) note(strcmp(of(fd), acks) ? 'W' : 'A', of(fd), 0, data, (size_t)done, offset);
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    if (gone(of(fd))) return -1;
    int64_t offset = 0;
    if (of(fd)) offset = lseek(fd, 0, appends[fd] ? SEEK_END : SEEK_CUR);
    ssize_t done = syscall(SYS_write, fd, data, length);
    return wrote(fd, data, done, offset);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { if (gone(of(fd))) return -1; return wrote(fd, data, syscall(SYS_pwrite64, fd, data, length, offset), offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { if (gone(of(fd))) return -1; return wrote(fd, data, syscall(SYS_pwrite64, fd, data, length, offset), offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!of(fd)) return syscall(SYS_writev, fd, parts, count);
    ssize_t sum = 0;
    for (int one = 0; one < count; one++) {
        ssize_t done = write(fd, parts[one].iov_base, parts[one].iov_len);
        if (done < 0) return sum ? sum : done;
        sum += done;
    }
    return sum;
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t count) { errno = EINVAL; return -1; }
ssize_t sendfile(int to, int from, off_t *at, size_t count) { errno = EINVAL; return -1; }
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t count, unsigned flags) { errno = EINVAL; return -1; }

ssize_t read(int fd, void *data, size_t length) { if (gone(of(fd))) return -1; return syscall(SYS_read, fd, data, length); }
ssize_t pread(int fd, void *data, size_t length, off_t offset) { if (gone(of(fd))) return -1; return syscall(SYS_pread64, fd, data, length, offset); }
ssize_t pread64(int fd, void *data, size_t length, off64_t offset) { if (gone(of(fd))) return -1; return syscall(SYS_pread64, fd, data, length, offset); }
static int cut(int fd, int64_t size) {
    if (gone(of(fd))) return -1;
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (!done && of(fd)) note('T', of(fd), 0, 0, 0, size);
    return done;
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

int fsync(int fd) { if (gone(of(fd))) return -1; if (of(fd)) note('S', of(fd), 0, 0, 0, 0); return (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { if (gone(of(fd))) return -1; if (of(fd)) note('S', of(fd), 0, 0, 0, 0); return (int)syscall(SYS_fdatasync, fd); }

int renameat(int from_at, const char *from, int to_at, const char *to) {
    char old[PATH_MAX], new[PATH_MAX];
    int ours = whole(from_at, from, old) & whole(to_at, to, new);
    if (ours && gone(old)) return -1;
    int done = (int)syscall(SYS_renameat2, from_at, from, to_at, to, 0);
    if (!done && ours) {
        note('R', old, new, 0, 0, 0);
        for (int fd = 0; fd < MOST; fd++) if (names[fd] && !strcmp(names[fd], old)) { free(names[fd]); names[fd] = strdup(new); }
    }
    return done;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int at, const char *path, int flags) {
    char name[PATH_MAX];
    int ours = whole(at, path, name);
    if (ours && gone(name)) return -1;
    int done = (int)syscall(SYS_unlinkat, at, path, flags);
    if (!done && ours) note(flags & AT_REMOVEDIR ? 'd' : 'U', name, 0, 0, 0, 0);
    return done;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int at, const char *path, mode_t mode) {
    char name[PATH_MAX];
    int ours = whole(at, path, name);
    if (ours && gone(name)) return -1;
    int done = (int)syscall(SYS_mkdirat, at, path, mode);
    if (!done && ours) note('D', name, 0, 0, 0, 0);
    return done;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
