package dev.coxswain.proxy.dns;

import java.util.List;

/**
 * What we say to a query.
 *
 * @param code the outcome
 * @param authoritative whether it is our zone's own data
 * @param answers the answer section
 * @param authority the authority section: the SOA of a negative answer
 * @param additional what saves the client a second question
 */
record DnsAnswer(
    ResponseCode code,
    boolean authoritative,
    List<DnsRecord> answers,
    List<DnsRecord> authority,
    List<DnsRecord> additional) {
  DnsAnswer {
    answers = List.copyOf(answers);
    authority = List.copyOf(authority);
    additional = List.copyOf(additional);
  }

  /** An outcome without records. */
  static DnsAnswer of(ResponseCode code) {
    return new DnsAnswer(code, false, List.of(), List.of(), List.of());
  }
}
