package dev.coxswain.proxy.dns;

import java.nio.ByteBuffer;

/** A resource record; names are without the root's dot. */
sealed interface DnsRecord {
  /** Whose record it is. */
  String name();

  /** An address; four bytes in dotted text. */
  record A(String name, String address) implements DnsRecord {}

  /** Another name for it. */
  record Cname(String name, String target) implements DnsRecord {}

  /** A name server. */
  record Ns(String name, String target) implements DnsRecord {}

  /** The name of an address. */
  record Ptr(String name, String target) implements DnsRecord {}

  /** Where a service is. */
  record Srv(String name, int priority, int weight, int port, String target) implements DnsRecord {}

  /** What another server said, passed on as it is; there is no name in it. */
  record Other(String name, int type, ByteBuffer data) implements DnsRecord {}

  /** A text of at most 255 bytes. */
  record Txt(String name, String text) implements DnsRecord {}

  /** The start of authority; its minimum says for how long a "no" may be remembered. */
  record Soa(String name, String server, String mailbox, long serial) implements DnsRecord {}
}
