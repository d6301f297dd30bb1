/*
 * The demo image: a small HTTP/1.1 server that answers its pod's name, so that load balancing, rolling updates and
 * failures can be watched from outside. One thread a connection.
 *
 *   GET /                   the pod's name (HOSTNAME)
 *   GET /health/liveness, /health/readiness, /healthz, /readyz, /livez    200
 *   anything else           404
 *
 * PORT (8080) is where it listens. On SIGTERM it drains: it goes on answering for DRAIN_SECONDS (3), because endpoints
 * are withdrawn only after the signal, closing each connection behind its answer; then it stops accepting, waits for the
 * requests under way, and exits 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_BYTES_MAX = 16384, CONNECTIONS_MAX = 1024, IDLE_MILLISECONDS_MAX = 60000, FINISH_SECONDS_MAX = 5 };

static atomic_int draining, connections;
static char pod_name[256];

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int number_from(const char *variable, int otherwise) {
  const char *text = getenv(variable);
  return text && *text ? atoi(text) : otherwise;
}

static int send_all(int connection, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(connection, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) {
      if (sent < 0 && errno == EINTR) continue;
      return -1;
    }
    bytes += sent;
    length -= (size_t)sent;
  }
  return 0;
}

/* The value of a header within a request head, or NULL; the head ends with a NUL. */
static const char *header(const char *head, const char *name) {
  size_t length = strlen(name);
  for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
      const char *value = line + 3 + length;
      while (*value == ' ') value++;
      return value;
    }
  }
  return NULL;
}

static int answer(int connection, const char *head, const char *peer) {
  char method[16] = "", target[1024] = "", version[16] = "";
  int fields = sscanf(head, "%15s %1023s %15s", method, target, version);
  char body[320];
  int status = 200;
  target[strcspn(target, "?")] = 0;
  if (fields != 3) {
    status = 400;
    snprintf(body, sizeof body, "bad request\n");
  } else if (strcmp(target, "/") == 0) {
    snprintf(body, sizeof body, "%s\n", pod_name);
  } else if (strcmp(target, "/health/liveness") == 0 || strcmp(target, "/health/readiness") == 0 ||
             strcmp(target, "/healthz") == 0 || strcmp(target, "/readyz") == 0 || strcmp(target, "/livez") == 0) {
    snprintf(body, sizeof body, "ok\n");
  } else {
    status = 404;
    snprintf(body, sizeof body, "nothing at this path\n");
  }
  const char *wish = header(head, "Connection");
  int keep = status != 400 && !atomic_load(&draining) && strcmp(version, "HTTP/1.1") == 0 &&
             !(wish && strncasecmp(wish, "close", 5) == 0);
  char response[1024];
  int without_body = strcmp(method, "HEAD") == 0;
  int length = snprintf(response, sizeof response,
                        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                        status == 200 ? "OK" : status == 404 ? "Not Found" : "Bad Request", strlen(body),
                        keep ? "" : "Connection: close\r\n", without_body ? "" : body);
  int failed = send_all(connection, response, (size_t)length);
  printf("%s %s %d %s\n", fields == 3 ? method : "?", fields == 3 ? target : "?", status, peer);
  return failed == 0 && keep;
}

/* Reads one request (head and body) into the buffer; leaves what follows it at the front. */
static int serve_next(int connection, char *buffer, size_t *held, const char *peer) {
  for (;;) {
    buffer[*held] = 0;
    char *end = strstr(buffer, "\r\n\r\n");
    if (end) {
      end[2] = 0;
      const char *announced = header(buffer, "Content-Length");
      long body = announced ? atol(announced) : 0;
      if (body < 0) return 0;
      int keep = answer(connection, buffer, peer);
      size_t consumed = (size_t)(end - buffer) + 4;
      while (body > (long)(*held - consumed)) {
        body -= (long)(*held - consumed);
        consumed = 0;
        ssize_t got = recv(connection, buffer, REQUEST_BYTES_MAX, 0);
        if (got <= 0) return 0;
        *held = (size_t)got;
      }
      consumed += (size_t)body;
      memmove(buffer, buffer + consumed, *held - consumed);
      *held -= consumed;
      return keep;
    }
    if (*held == REQUEST_BYTES_MAX) return 0;
    struct pollfd readable = {.fd = connection, .events = POLLIN};
    /* An idle connection notices within a fifth of a second that the server drains. */
    for (int waited = 0; poll(&readable, 1, 200) == 0; waited += 200) {
      if (waited >= IDLE_MILLISECONDS_MAX || (atomic_load(&draining) == 2 && *held == 0)) return 0;
    }
    ssize_t got = recv(connection, buffer + *held, REQUEST_BYTES_MAX - *held, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    *held += (size_t)got;
  }
}

static void *serve(void *argument) {
  int connection = (int)(long)argument;
  struct sockaddr_in6 address;
  socklen_t size = sizeof address;
  char peer[INET6_ADDRSTRLEN] = "?";
  if (getpeername(connection, (struct sockaddr *)&address, &size) == 0) {
    inet_ntop(AF_INET6, &address.sin6_addr, peer, sizeof peer);
  }
  const char *shown = strncmp(peer, "::ffff:", 7) == 0 ? peer + 7 : peer;
  int yes = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  char *buffer = malloc(REQUEST_BYTES_MAX + 1);
  size_t held = 0;
  while (buffer && serve_next(connection, buffer, &held, shown)) {
  }
  free(buffer);
  close(connection);
  atomic_fetch_sub(&connections, 1);
  return NULL;
}

static int listen_on(int port) {
  int listener = socket(AF_INET6, SOCK_STREAM, 0);
  int yes = 1, no = 0;
  struct sockaddr_in6 every = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_any};
  struct sockaddr_in every4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (listener >= 0) {
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&every, sizeof every) == 0 && listen(listener, 512) == 0) return listener;
    close(listener);
  }
  listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&every4, sizeof every4) < 0 || listen(listener, 512) < 0) {
    fprintf(stderr, "cannot listen on port %d: %s\n", port, strerror(errno));
    exit(1);
  }
  return listener;
}

static void *accept_all(void *argument) {
  int listener = (int)(long)argument;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int connection = accept(listener, NULL, NULL);
    if (connection < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE) {
        usleep(10000);
        continue;
      }
      return NULL;
    }
    pthread_t thread;
    if (atomic_fetch_add(&connections, 1) >= CONNECTIONS_MAX ||
        pthread_create(&thread, &small, serve, (void *)(long)connection) != 0) {
      atomic_fetch_sub(&connections, 1);
      close(connection);
    }
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *name = getenv("HOSTNAME");
  if (name && *name) {
    snprintf(pod_name, sizeof pod_name, "%s", name);
  } else {
    gethostname(pod_name, sizeof pod_name - 1);
  }
  int port = number_from("PORT", 8080);
  sigset_t leave;
  sigemptyset(&leave);
  sigaddset(&leave, SIGTERM);
  sigaddset(&leave, SIGINT);
  pthread_sigmask(SIG_BLOCK, &leave, NULL);
  int listener = listen_on(port);
  printf("%s serves on port %d\n", pod_name, port);
  pthread_t acceptor;
  if (pthread_create(&acceptor, NULL, accept_all, (void *)(long)listener) != 0) return 1;
  int signal;
  sigwait(&leave, &signal);
  int drain = number_from("DRAIN_SECONDS", 3);
  printf("%s drains for %d s\n", pod_name, drain);
  atomic_store(&draining, 1);
  struct timespec pause = {.tv_sec = drain};
  sigset_t none = leave;
  sigtimedwait(&none, NULL, &pause);
  atomic_store(&draining, 2);
  shutdown(listener, SHUT_RDWR);
  double limit = seconds_now() + FINISH_SECONDS_MAX;
  while (atomic_load(&connections) > 0 && seconds_now() < limit) usleep(20000);
  printf("%s leaves\n", pod_name);
  return 0;
}
