package dev.coxswain.proxy.dns;

/** How a query ended (RFC 1035 4.1.1, RFC 6891). */
enum ResponseCode {
  NO_ERROR(0),
  FORMAT_ERROR(1),
  SERVER_FAILURE(2),
  NAME_ERROR(3),
  NOT_IMPLEMENTED(4),
  REFUSED(5),
  BAD_VERSION(16);

  private final int number;

  ResponseCode(int number) {
    this.number = number;
  }

  /** As it stands in a message; more than four bits need EDNS. */
  int number() {
    return number;
  }
}
