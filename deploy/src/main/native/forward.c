/*
 * forward ADDRESS:PORT TARGET:PORT[,TARGET:PORT…]
 *
 * Accepts TCP connections on a loopback address and carries each to the first target that answers. This is how the host
 * reaches a cluster whose control planes live in network namespaces. One process a connection: there are few of them, and
 * each is a few pages of this static program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>

enum { TARGETS_MAX = 16, CONNECT_MILLISECONDS_MAX = 1500, BUFFER_BYTES = 65536 };

static struct sockaddr_in targets[TARGETS_MAX];
static int target_count;

static int parse(const char *text, struct sockaddr_in *address) {
  char host[64];
  const char *colon = strrchr(text, ':');
  if (!colon || (size_t)(colon - text) >= sizeof host) return -1;
  memcpy(host, text, (size_t)(colon - text));
  host[colon - text] = 0;
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons((uint16_t)atoi(colon + 1));
  return inet_pton(AF_INET, host, &address->sin_addr) == 1 ? 0 : -1;
}

static int connect_to(const struct sockaddr_in *address) {
  int target = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (target < 0) return -1;
  if (connect(target, (const struct sockaddr *)address, sizeof *address) < 0 && errno != EINPROGRESS) {
    close(target);
    return -1;
  }
  struct pollfd writable = {.fd = target, .events = POLLOUT};
  int error = 0;
  socklen_t size = sizeof error;
  if (poll(&writable, 1, CONNECT_MILLISECONDS_MAX) != 1 ||
      getsockopt(target, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
    close(target);
    return -1;
  }
  fcntl(target, F_SETFL, fcntl(target, F_GETFL) & ~O_NONBLOCK);
  return target;
}

/* Moves what is readable; at the end of the input tells the other side and returns 0. */
static int move(int from, int to, char *buffer) {
  ssize_t got = read(from, buffer, BUFFER_BYTES);
  if (got <= 0) {
    shutdown(to, SHUT_WR);
    return got < 0 && errno == EINTR;
  }
  for (ssize_t sent = 0; sent < got;) {
    ssize_t written = send(to, buffer + sent, (size_t)(got - sent), MSG_NOSIGNAL);
    if (written <= 0) _exit(0);
    sent += written;
  }
  return 1;
}

static void carry(int client) {
  int target = -1;
  for (int i = 0; i < target_count && target < 0; i++) target = connect_to(&targets[i]);
  if (target < 0) _exit(1);
  static char buffer[BUFFER_BYTES];
  struct pollfd sides[2] = {{.fd = client, .events = POLLIN}, {.fd = target, .events = POLLIN}};
  while (sides[0].fd >= 0 || sides[1].fd >= 0) {
    if (poll(sides, 2, -1) < 0 && errno != EINTR) _exit(0);
    if (sides[0].fd >= 0 && sides[0].revents && !move(client, target, buffer)) sides[0].fd = -1;
    if (sides[1].fd >= 0 && sides[1].revents && !move(target, client, buffer)) {
      /* The server has finished: nothing more can come of this connection. */
      _exit(0);
    }
  }
  _exit(0);
}

int main(int count, char **arguments) {
  struct sockaddr_in local;
  if (count != 3 || parse(arguments[1], &local) < 0) {
    fprintf(stderr, "usage: forward ADDRESS:PORT TARGET:PORT[,TARGET:PORT...]\n");
    return 2;
  }
  for (char *one = strtok(arguments[2], ","); one; one = strtok(NULL, ",")) {
    if (target_count == TARGETS_MAX || parse(one, &targets[target_count++]) < 0) {
      fprintf(stderr, "not an address: %s\n", one);
      return 2;
    }
  }
  signal(SIGCHLD, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener < 0 || bind(listener, (struct sockaddr *)&local, sizeof local) < 0 || listen(listener, 256) < 0) {
    fprintf(stderr, "cannot listen on %s: %s\n", arguments[1], strerror(errno));
    return 1;
  }
  fprintf(stderr, "forwarding %s\n", arguments[1]);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (fork() == 0) {
      /* A connection does not outlive the listener. */
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(listener);
      carry(client);
    }
    close(client);
  }
}
