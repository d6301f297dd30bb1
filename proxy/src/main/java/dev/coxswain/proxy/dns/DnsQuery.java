package dev.coxswain.proxy.dns;

import java.util.Locale;

/**
 * A question as it came in.
 *
 * @param id the message's id
 * @param opcode 0 for a standard query
 * @param recursionDesired copied into the answer
 * @param name what is asked for, in the client's spelling, without the root's dot
 * @param type the record type
 * @param dnsClass 1 for the internet
 * @param edns whether the client speaks EDNS
 * @param ednsVersion 0 is the only one there is
 * @param udpSize how many bytes of answer the client takes in one datagram
 */
record DnsQuery(
    int id,
    int opcode,
    boolean recursionDesired,
    String name,
    int type,
    int dnsClass,
    boolean edns,
    int ednsVersion,
    int udpSize) {
  static final int INTERNET = 1;

  /** The name as names are compared. */
  String lowerName() {
    return name.toLowerCase(Locale.ROOT);
  }

  boolean asks(int recordType) {
    return type == recordType || type == RecordType.ANY;
  }
}
